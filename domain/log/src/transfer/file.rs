//! A log as a file of JSON lines, that says by itself whether it is whole.
//!
//! The first line says what it is, the last one what was in it; in between stand the events in their global order and,
//! after them, the metadata of those streams for which some was set:
//!
//! ```json
//! {"format":"ledgerline-log","version":1,"engine":"embedded","id":"0198c0de-…","labels":{"region":"eu-west-2"}}
//! {"event":{"position":"0","stream":"call-acme_0198…","revision":0,"id":"…","kind":"CallOffered","tenant":"acme","time":"2026-11-22T10:00:00.000000Z","meta":{…},"data":{…}}}
//! {"stream":{"name":"call-acme_0198…","metadata":{"$tb":17}}}
//! {"end":{"events":1,"streams":1,"sha256":"…"}}
//! ```
//!
//! - Each line ends with a line feed, the last one too, and has at most 16 MiB with it.
//! - `meta` and `data` are JSON objects, byte for byte as they were recorded. What is no JSON object, or has a line break
//!   in it, stands as `meta_base64` or `data_base64` instead (RFC 4648, with padding).
//! - `sha256` is that of all bytes before the last line, in lower-case hexadecimal; `events` and `streams` count lines.

use std::io::{self, SeekFrom};

use futures_util::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncBufRead, AsyncSeek, AsyncSeekExt as _, AsyncWrite, AsyncWriteExt as _};

use super::{Copied, CopyError, Progress, Receiver, metadata_at_head};
use crate::{EventLog, Filter, Position, Range, ReadError};
use line::{End, Header, Line, StreamLine};
use walk::{Found, Walk};

mod line;
mod walk;

/// The longest line, with its line feed: the largest event in base64, and room for everything beside it.
const LINE_BYTES_MAX: usize = 16 << 20;

/// What an export came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// How many events were written.
    pub events: u64,
    /// The last position that was written; what the log took in since then is not in the file.
    pub up_to: Option<Position>,
    /// The SHA-256 that the last line says.
    pub sha256: String,
}

/// What a whole, unchanged file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The engine of the log that was exported.
    pub engine: String,
    /// The id of the log that was exported.
    pub id: String,
    /// How many events there are.
    pub events: u64,
    /// The SHA-256 that the last line says.
    pub sha256: String,
}

/// Why an export broke off. What was written is no whole file, and is refused on import.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The log could not be read.
    #[error("the log could not be read")]
    Log(#[from] ReadError),
    /// The file could not be written.
    #[error("the file could not be written")]
    Write(#[from] io::Error),
    /// Something in the log is too large for a line.
    #[error("{of} takes {length} bytes in the file, {LINE_BYTES_MAX} are allowed")]
    TooLong {
        /// What: an event's position, a stream's name.
        of: String,
        /// How long the line would be.
        length: usize,
    },
}

/// Why an import broke off.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file could not be read.
    #[error("the file could not be read")]
    Read(#[from] io::Error),
    /// The file is not what an export wrote. Nothing was imported.
    #[error("line {line} of the file is refused")]
    Refused {
        /// Which line, counted from 1.
        line: u64,
        /// What is wrong with it.
        source: Flaw,
    },
    /// The log did not take it.
    #[error("the log did not take what is in the file")]
    Log(#[from] CopyError),
}

/// What is wrong with a line of a file.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// The first line is another.
    #[error("this is no export of a log")]
    NotAnExport,
    /// A newer build wrote it.
    #[error(
        "it is in version {version} of the format, this build reads version {}",
        Header::VERSION
    )]
    Version {
        /// The version it says.
        version: u64,
    },
    /// It cannot be read.
    #[error("it is no line of an export")]
    Shape(#[from] serde_json::Error),
    /// A payload that cannot be read.
    #[error("{field} is no base64")]
    Base64 {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        source: base64::DecodeError,
    },
    /// A payload that is there twice, or not at all.
    #[error("exactly one of {field} and {field}_base64 is expected")]
    OneOfTwo {
        /// Which field.
        field: &'static str,
    },
    /// A line that no export writes.
    #[error("it is longer than {LINE_BYTES_MAX} bytes")]
    TooLong,
    /// Events in another order.
    #[error("position {position} does not come after position {before}")]
    Order {
        /// The event's position.
        position: Position,
        /// The position before it.
        before: Position,
    },
    /// An event where none is expected any more.
    #[error("events stand before the metadata of streams")]
    EventTooLate,
    /// The file ends in the middle of a line.
    #[error("the file ends in the middle of it: the rest was cut off")]
    CutInLine,
    /// The file ends before its last line.
    #[error("the file ends before it: the rest was cut off")]
    CutBefore,
    /// There is more than was written.
    #[error("something stands behind the last line")]
    More,
    /// Lines are missing, or there are too many.
    #[error("the last line says {said} {what}, there are {found}")]
    Count {
        /// What was counted.
        what: &'static str,
        /// What the last line says.
        said: u64,
        /// What there is.
        found: u64,
    },
    /// Something was changed.
    #[error("the last line says SHA-256 {said}, it is {found}: the file was changed")]
    Changed {
        /// What the last line says.
        said: String,
        /// What it is.
        found: String,
    },
}

/// Writes everything that a log holds now, in the form [described above](self).
///
/// Writes line by line: hand in a buffered writer. It is flushed at the end; whether that is safe on a disk is the
/// caller's to see to. Where an engine has removed events for good, the file says what is left, and cannot be imported.
///
/// # Errors
/// [`ExportError`]; start again with an empty file.
pub async fn export(
    log: &dyn EventLog,
    writer: &mut (impl AsyncWrite + Unpin),
) -> Result<Exported, ExportError> {
    let about = log.log_metadata().await?;
    let mut out = Out {
        writer,
        hash: Sha256::new(),
    };
    out.write("the log", &Header::of(about)).await?;
    let mut events = log.read_all(Range::Forwards { after: None }, Filter::default(), usize::MAX);
    let (mut count, mut up_to, mut beside) = (0, None, vec![]);
    while let Some(event) = events.try_next().await? {
        let of = format!("the event at position {}", event.position);
        out.write(&of, &Line::of(&event)).await?;
        beside.extend(metadata_at_head(log, &event).await?);
        count += 1;
        up_to = Some(event.position);
    }
    let streams = beside.len() as u64;
    for (name, metadata) in beside {
        let of = format!("the metadata of stream {name}");
        out.write(&of, &Line::Stream(StreamLine { name, metadata }))
            .await?;
    }
    let sha256 = hexadecimal(&out.hash.clone().finalize());
    let end = End {
        events: count,
        streams,
        sha256: sha256.clone(),
    };
    out.write("the end", &Line::End(end)).await?;
    out.writer.flush().await?;
    Ok(Exported {
        events: count,
        up_to,
        sha256,
    })
}

/// What has been written, and its hash.
struct Out<'a, W> {
    writer: &'a mut W,
    hash: Sha256,
}

impl<W: AsyncWrite + Unpin> Out<'_, W> {
    async fn write(&mut self, of: &str, line: &impl serde::Serialize) -> Result<(), ExportError> {
        let mut bytes = serde_json::to_vec(line).expect("keys are text, and nothing else can fail");
        bytes.push(b'\n');
        if bytes.len() > LINE_BYTES_MAX {
            return Err(ExportError::TooLong {
                of: of.to_owned(),
                length: bytes.len(),
            });
        }
        self.hash.update(&bytes);
        Ok(self.writer.write_all(&bytes).await?)
    }
}

/// Reads a file to its end and says what it holds, if it is whole and unchanged.
///
/// # Errors
/// [`ImportError::Read`] and [`ImportError::Refused`].
pub async fn check(reader: impl AsyncBufRead + Unpin) -> Result<Checked, ImportError> {
    let (header, mut walk) = Walk::start(reader).await?;
    while walk.next().await?.is_some() {}
    Ok(Checked {
        engine: header.engine,
        id: header.id,
        events: walk.events(),
        sha256: walk.sha256().to_owned(),
    })
}

/// Takes a file that [`export`] wrote into a log, and tells how far it has come.
///
/// Reads the file twice, first to [`check`] it: of a file that was cut or changed nothing is imported.
///
/// # Errors
/// [`ImportError`]; after [`ImportError::Log`] and [`ImportError::Read`] call again to go on.
pub async fn import(
    mut reader: impl AsyncBufRead + AsyncSeek + Unpin,
    to: &dyn EventLog,
    progress: impl FnMut(Progress),
) -> Result<Copied, ImportError> {
    let start = reader.stream_position().await?;
    check(&mut reader).await?;
    reader.seek(SeekFrom::Start(start)).await?;
    let (header, mut walk) = Walk::start(reader).await?;
    let mut receiver = Receiver::new(to, progress);
    while let Some(found) = walk.next().await? {
        match found {
            Found::Event(event) => receiver.take(event).await?,
            Found::Stream(StreamLine { name, metadata }) => {
                receiver.flush().await?;
                receiver.set_stream_metadata(&name, &metadata).await?;
            }
        }
    }
    receiver.flush().await?;
    receiver.set_labels(header.labels).await?;
    Ok(receiver.copied)
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("text takes everything");
        text
    })
}

#[cfg(test)]
#[cfg(feature = "contract")]
mod tests;
