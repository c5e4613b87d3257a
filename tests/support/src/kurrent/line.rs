//! Connections that can fall silent or break while the server and its client think of something else.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};

use futures_util::StreamExt as _;
use futures_util::stream::Stream;
use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tonic::transport::server::Connected;

const SOUND: u8 = 0;
const SILENT: u8 = 1;
const CUT: u8 = 2;

/// How long the head of an HTTP/2 frame is.
const HEAD_BYTES: usize = 9;
const DATA: u8 = 0;
/// No stream is the last: none that is under way was served. The reason is `ENHANCE_YOUR_CALM`.
const GO_AWAY: [u8; 17] = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11];
/// The reason of a reset, `INTERNAL_ERROR`.
const RESET_REASON: [u8; 4] = [0, 0, 0, 2];

/// What the server's end of HTTP/2 can be made to say, between two frames that it says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interjection {
    /// That the connection is closed to all that is under way.
    GoAway,
    /// That the stream is reset on which the last data went.
    Reset,
}

/// What becomes of one connection.
#[derive(Debug, Default)]
pub(super) struct Line {
    health: AtomicU8,
    reader: AtomicWaker,
    writer: AtomicWaker,
    interjection: Mutex<Option<Interjection>>,
}

impl Line {
    fn set(&self, health: u8) {
        // A line that was cut stays so.
        if self.health.swap(health, Ordering::SeqCst) == CUT {
            self.health.store(CUT, Ordering::SeqCst);
        }
        self.reader.wake();
        self.writer.wake();
    }

    /// Breaks the connection: the peer sees it closed.
    pub(super) fn cut(&self) {
        self.set(CUT);
    }

    /// Says something as if it were the server's end of HTTP/2, as soon as a frame has ended.
    pub(super) fn interject(&self, interjection: Interjection) {
        *self.interjection.lock().unwrap_or_else(PoisonError::into_inner) = Some(interjection);
    }

    fn ready(&self, waker: &AtomicWaker, context: &Context<'_>) -> Poll<io::Result<()>> {
        waker.register(context.waker());
        match self.health.load(Ordering::SeqCst) {
            SOUND => Poll::Ready(Ok(())),
            SILENT => Poll::Pending,
            _ => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
        }
    }
}

/// All the connections of one node.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines(Arc<Mutex<Vec<Weak<Line>>>>);

impl Lines {
    fn add(&self) -> Arc<Line> {
        let line = Arc::<Line>::default();
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.retain(|line| line.strong_count() > 0);
        lines.push(Arc::downgrade(&line));
        line
    }

    fn set(&self, health: u8) {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for line in lines.iter().filter_map(Weak::upgrade) {
            line.set(health);
        }
    }

    /// Breaks every connection that there is.
    pub(super) fn cut(&self) {
        self.set(CUT);
    }

    /// Makes every connection that there is half-open: nothing comes through, and nobody is told.
    pub(super) fn silence(&self) {
        self.set(SILENT);
    }
}

/// A connection of which a test holds the other end of the plug.
#[derive(Debug)]
pub(super) struct Tapped {
    stream: TcpStream,
    line: Arc<Line>,
    frames: Frames,
}

/// Where in a frame the server's words are.
#[derive(Debug, Default)]
struct Frames {
    head: Vec<u8>,
    /// How many bytes of the frame are still to come.
    left: usize,
    /// The stream on which data went last.
    stream: [u8; 4],
}

impl Frames {
    fn is_between(&self) -> bool {
        self.head.is_empty() && self.left == 0
    }

    fn follow(&mut self, mut bytes: &[u8]) {
        while let Some((first, rest)) = bytes.split_first() {
            if self.left > 0 {
                let step = self.left.min(bytes.len());
                self.left -= step;
                bytes = &bytes[step..];
                continue;
            }
            self.head.push(*first);
            bytes = rest;
            if let Ok([high, middle, low, kind, _, stream @ ..]) = <[u8; HEAD_BYTES]>::try_from(&*self.head) {
                self.left = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
                if kind == DATA {
                    self.stream = stream;
                }
                self.head.clear();
            }
        }
    }
}

impl Tapped {
    fn interject(&self) {
        let mut interjection = self
            .line
            .interjection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let words = match *interjection {
            Some(Interjection::GoAway) => GO_AWAY.to_vec(),
            Some(Interjection::Reset) => [&[0, 0, 4, 3, 0][..], &self.frames.stream, &RESET_REASON].concat(),
            None => return,
        };
        // Where the socket is full now, it is said after the next frame.
        if self.frames.is_between() && self.stream.try_write(&words).is_ok() {
            *interjection = None;
        }
    }
}

impl Connected for Tapped {
    type ConnectInfo = Arc<Line>;

    fn connect_info(&self) -> Arc<Line> {
        Arc::clone(&self.line)
    }
}

impl AsyncRead for Tapped {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.line.ready(&self.line.reader, context) {
            Poll::Ready(Ok(())) => {
                acknowledge_at_once(&self.stream);
                Pin::new(&mut self.stream).poll_read(context, buffer)
            }
            Poll::Ready(Err(broken)) => Poll::Ready(Err(broken)),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncWrite for Tapped {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.line.ready(&self.line.writer, context) {
            Poll::Ready(Ok(())) => {
                self.interject();
                let written = Pin::new(&mut self.stream).poll_write(context, buffer);
                if let Poll::Ready(Ok(count)) = &written {
                    self.frames.follow(&buffer[..*count]);
                }
                written
            }
            Poll::Ready(Err(broken)) => Poll::Ready(Err(broken)),
            Poll::Pending => Poll::Pending,
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

// The official client sends each append in several small packets and leaves Nagle's algorithm on, so that it waits for
// the acknowledgement of the first before it sends the second; the kernel gives that after 40 ms unless asked to hurry.
#[cfg(target_os = "linux")]
fn acknowledge_at_once(stream: &TcpStream) {
    // Without it tests are slow and right all the same.
    drop(stream.set_quickack(true));
}

#[cfg(not(target_os = "linux"))]
fn acknowledge_at_once(_: &TcpStream) {}

/// Takes a port of this machine, at which nobody answers yet. `port`: 0 for any that is free.
pub(super) fn reserve(port: u16) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from(([127, 0, 0, 1], port)))?;
    Ok(socket)
}

/// Accepts connections, each with its line.
pub(super) fn accept(
    listener: TcpListener,
    lines: Lines,
) -> impl Stream<Item = io::Result<Tapped>> + Send + 'static {
    tokio_stream::wrappers::TcpListenerStream::new(listener).map(move |stream| {
        let stream = stream?;
        stream.set_nodelay(true)?;
        let line = lines.add();
        let frames = Frames::default();
        Ok(Tapped { stream, line, frames })
    })
}
