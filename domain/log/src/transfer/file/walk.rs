//! A file read line by line, and held to its form.

use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

use super::line::{End, Header, Line, StreamLine};
use super::{Flaw, ImportError, LINE_BYTES_MAX, hexadecimal};
use crate::{Position, Recorded};

/// What stands between the first line and the last.
pub(super) enum Found {
    Event(Recorded),
    Stream(StreamLine),
}

/// Any line but the first.
enum Next {
    Found(Found),
    End(End),
}

/// A file as far as it has been read.
pub(super) struct Walk<R> {
    reader: R,
    line: Vec<u8>,
    number: u64,
    hash: Sha256,
    position: Option<Position>,
    events: u64,
    streams: u64,
    sha256: String,
}

impl<R: AsyncBufRead + Unpin> Walk<R> {
    /// Reads the first line.
    pub(super) async fn start(reader: R) -> Result<(Header, Self), ImportError> {
        let mut walk = Self {
            reader,
            line: vec![],
            number: 0,
            hash: Sha256::new(),
            position: None,
            events: 0,
            streams: 0,
            sha256: String::new(),
        };
        walk.read_line().await?;
        let header = Header::read(&walk.line).map_err(|flaw| walk.refused(flaw))?;
        walk.hash.update(&walk.line);
        Ok((header, walk))
    }

    /// Reads what comes next; none after the last line, if everything before it is as it was written.
    pub(super) async fn next(&mut self) -> Result<Option<Found>, ImportError> {
        self.read_line().await?;
        match self.parse().map_err(|flaw| self.refused(flaw))? {
            Next::Found(found) => {
                self.hash.update(&self.line);
                Ok(Some(found))
            }
            Next::End(end) => {
                self.finish(end).map_err(|flaw| self.refused(flaw))?;
                self.nothing_behind().await?;
                Ok(None)
            }
        }
    }

    /// How many events were read.
    pub(super) fn events(&self) -> u64 {
        self.events
    }

    /// The hash of all that was read; empty before the last line.
    pub(super) fn sha256(&self) -> &str {
        &self.sha256
    }

    fn refused(&self, source: Flaw) -> ImportError {
        ImportError::Refused {
            line: self.number,
            source,
        }
    }

    async fn read_line(&mut self) -> Result<(), ImportError> {
        self.line.clear();
        self.number += 1;
        let mut bounded = (&mut self.reader).take(LINE_BYTES_MAX as u64);
        bounded.read_until(b'\n', &mut self.line).await?;
        match self.line.last() {
            Some(b'\n') => Ok(()),
            Some(_) if self.line.len() == LINE_BYTES_MAX => Err(self.refused(Flaw::TooLong)),
            Some(_) => Err(self.refused(Flaw::CutInLine)),
            None => Err(self.refused(Flaw::CutBefore)),
        }
    }

    fn parse(&mut self) -> Result<Next, Flaw> {
        match serde_json::from_slice(&self.line)? {
            Line::Event(event) => {
                let event = event.into_recorded()?;
                self.in_order(event.position)?;
                self.events += 1;
                Ok(Next::Found(Found::Event(event)))
            }
            Line::Stream(stream) => {
                self.streams += 1;
                Ok(Next::Found(Found::Stream(stream)))
            }
            Line::End(end) => Ok(Next::End(end)),
        }
    }

    fn in_order(&mut self, position: Position) -> Result<(), Flaw> {
        if self.streams > 0 {
            return Err(Flaw::EventTooLate);
        }
        match self.position.replace(position) {
            Some(before) if before >= position => Err(Flaw::Order { position, before }),
            Some(_) | None => Ok(()),
        }
    }

    fn finish(&mut self, end: End) -> Result<(), Flaw> {
        self.sha256 = hexadecimal(&self.hash.clone().finalize());
        for (what, said, found) in [
            ("events", end.events, self.events),
            ("streams", end.streams, self.streams),
        ] {
            if said != found {
                return Err(Flaw::Count { what, said, found });
            }
        }
        if end.sha256 == self.sha256 {
            Ok(())
        } else {
            Err(Flaw::Changed {
                said: end.sha256,
                found: self.sha256.clone(),
            })
        }
    }

    async fn nothing_behind(&mut self) -> Result<(), ImportError> {
        if self.reader.fill_buf().await?.is_empty() {
            return Ok(());
        }
        self.number += 1;
        Err(self.refused(Flaw::More))
    }
}
