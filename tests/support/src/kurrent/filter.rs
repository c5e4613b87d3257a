//! Filters of `$all`.

use tonic::Status;

use super::proto::event_store::client::streams::read_req::options::FilterOptions;
use super::proto::event_store::client::streams::read_req::options::filter_options::{
    Expression, Filter as By, Window,
};
use super::store::Record;

/// The only regular expression that this server knows: streams that are not the system's.
const NO_SYSTEM_STREAMS: &str = r"^[^\$].*";
/// How many events a real server looks at before it speaks of a place, where nothing else was asked for.
const WINDOW: u32 = 32;

/// Which events of `$all` are wanted.
#[derive(Debug)]
pub(super) struct Filter {
    what: What,
    /// Every how many events a checkpoint is sent; none without a filter, as in the real server.
    interval: Option<u64>,
}

#[derive(Debug)]
enum What {
    Everything,
    NoSystemStreams,
    Streams(Vec<String>),
    Kinds(Vec<String>),
}

impl Filter {
    pub(super) fn everything() -> Self {
        Self {
            what: What::Everything,
            interval: None,
        }
    }

    pub(super) fn passes(&self, record: &Record) -> bool {
        let begins = |text: &str, prefixes: &[String]| prefixes.iter().any(|prefix| text.starts_with(prefix));
        match &self.what {
            What::Everything => true,
            What::NoSystemStreams => !record.stream.starts_with('$'),
            What::Streams(prefixes) => begins(&record.stream, prefixes),
            What::Kinds(prefixes) => begins(&record.event.kind, prefixes),
        }
    }

    pub(super) fn has_checkpoints(&self) -> bool {
        self.interval.is_some()
    }

    pub(super) fn checkpoint_is_due(&self, looked_at: u64) -> bool {
        self.interval
            .is_some_and(|interval| looked_at.is_multiple_of(interval))
    }
}

impl TryFrom<FilterOptions> for Filter {
    type Error = Status;

    fn try_from(options: FilterOptions) -> Result<Self, Status> {
        let window = match options.window {
            Some(Window::Max(max)) => max,
            Some(Window::Count(())) | None => WINDOW,
        };
        let interval = u64::from(window) * u64::from(options.checkpoint_interval_multiplier);
        if interval == 0 {
            return Err(Status::invalid_argument("the checkpoint interval is zero"));
        }
        let what = match options.filter {
            Some(By::StreamIdentifier(Expression { regex, .. })) if regex == NO_SYSTEM_STREAMS => {
                What::NoSystemStreams
            }
            Some(By::StreamIdentifier(Expression { regex, prefix })) if regex.is_empty() => {
                What::Streams(prefix)
            }
            Some(By::EventType(Expression { regex, prefix })) if regex.is_empty() => What::Kinds(prefix),
            Some(By::StreamIdentifier(_) | By::EventType(_)) => {
                return Err(Status::unimplemented(
                    "this server knows one regular expression only",
                ));
            }
            None => return Err(Status::invalid_argument("the filter is empty")),
        };
        Ok(Self {
            what,
            interval: Some(interval),
        })
    }
}
