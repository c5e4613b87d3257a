//! What can be asked of the binary.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain_log::{Kind, Position};
use domain_model::call::parties::Extension;
use domain_model::ids::{CalendarId, PersonId, TenantId};
use domain_model::interpreter::rehearsal::{Reply, Says};
pub(crate) use domain_model::routing_policy::graph::apps::rule::CalendarState;
use domain_model::routing_policy::graph::words::PropertyName;
use domain_model::tenant::zone::{InvalidZone, ZoneName};
use domain_model::text::Key;
use domain_model::{Millis, PhoneNumber, Timestamp};

/// An event-sourced, CRM-integrated call platform.
#[derive(Debug, Parser)]
#[command(name = "ledgerline", version, about, propagate_version = true)]
pub(crate) struct Cli {
    /// Where the platform keeps its data.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        default_value = "data",
        env = "LEDGERLINE_DATA"
    )]
    pub(crate) data: PathBuf,
    /// A KurrentDB cluster to keep the log in, such as kurrentdb://host:2113; without it the log is below --data.
    #[arg(long, global = true, value_name = "URL", env = "LEDGERLINE_LOG")]
    pub(crate) log: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Starts the platform and runs until it is told to stop.
    Serve {
        /// Invents customers, agents and calls.
        #[arg(long)]
        demo: bool,
    },
    /// Shows what happened.
    Events(Events),
    /// Proves that no event was changed, lost or added since it was recorded.
    Verify,
    /// Copies log and key vault into a new folder, also while the platform runs.
    Backup {
        /// The new folder.
        to: PathBuf,
    },
    /// Puts a backup into the data folder, which must be empty.
    Restore {
        /// The backup's folder.
        from: PathBuf,
    },
    /// Writes all events to a file, personal data still sealed.
    Export {
        /// The new file.
        file: PathBuf,
    },
    /// Takes all events from a file that export wrote; started again, it goes on.
    Import {
        /// The file.
        file: PathBuf,
    },
    /// Copies all events into another log; started again, it goes on.
    Copy {
        /// A KurrentDB cluster's URL, or another data folder.
        #[arg(long)]
        to: String,
    },
    /// Checks, compares and tries routing policies' documents, and writes their schema.
    #[command(subcommand)]
    Policy(Policy),
    /// Erases a person for ever, and proves it.
    Erase(Erase),
    /// Wraps keys anew: those of one tenant, or, without --tenant, those of all tenants under a new root key.
    RotateKeys {
        /// The tenant.
        #[arg(long)]
        tenant: Option<TenantId>,
    },
    /// Plays simulated business through the platform's own routing, and checks its rules. Touches no data.
    Sim(Sim),
}

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// The document; - is standard input.
    pub(crate) file: PathBuf,
    /// The caller's number, such as +442079460123; withheld without it.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) caller: Option<PhoneNumber>,
    /// The number that they ring, over a trunk if the document begins with one; what the document begins with first,
    /// without it.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) called: Option<PhoneNumber>,
    /// The extension that they dial, such as 2104.
    #[arg(long, value_name = "DIGITS", value_parser = extension, conflicts_with_all = ["called", "entry"])]
    pub(crate) extension: Option<Extension>,
    /// Begins where another routing policy hands over: at the start of this name, or at the one without a name.
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "", conflicts_with = "called",
        value_parser = entry)]
    pub(crate) entry: Option<Entry>,
    /// A custom property that the other policy hands over: NAME=VALUE; may be given more than once.
    #[arg(long, value_name = "PROPERTY", value_parser = carried)]
    pub(crate) carry: Vec<(PropertyName, String)>,
    /// What they press each time keys are asked for, with commas between: 1,2104.
    #[arg(long, value_name = "KEYS", value_delimiter = ',', value_parser = keys)]
    pub(crate) keys: Vec<String>,
    /// When they ring, such as 2026-12-25T10:00:00Z; now without it.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Timestamp>,
    /// The account's time zone.
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = zone)]
    pub(crate) zone: ZoneName,
    /// How a node's question is answered: NODE=found:Name=Ann;Tier=Gold, NODE=not_found, NODE=error or NODE=too_late;
    /// may be given once for each node. Without it nothing is found.
    #[arg(long, value_name = "ANSWER", value_parser = answer)]
    pub(crate) answer: Vec<(String, Reply)>,
    /// How a calendar is all the time: ID=open, ID=closed, ID=special_day or ID=holiday; or, so that --at decides, a
    /// file with its opening hours: ID=hours.json, with the fields name, zone, week and days, such as {"name": "Office",
    /// "zone": "Europe/London", "week": [{"day": "monday", "from": "09:00", "until": "17:00"}], "days": [{"date":
    /// "2026-12-25", "name": "Christmas", "open": []}]}. May be given once for each calendar. Without it all are open.
    #[arg(long, value_name = "HOURS", value_parser = calendar)]
    pub(crate) calendar: Vec<(CalendarId, CalendarIs)>,
    /// How the wait in each queue ends, in turn.
    #[arg(long, value_name = "END", value_delimiter = ',')]
    pub(crate) queue: Vec<QueueEnd>,
    /// What those do who are rung, in turn, and the last from then on. Without it nobody answers.
    #[arg(long, value_name = "DOES", value_delimiter = ',')]
    pub(crate) rung: Vec<RungDoes>,
    /// One JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// When a simulated calendar is open.
#[derive(Debug, Clone)]
pub(crate) enum CalendarIs {
    /// The same at all times.
    Always(CalendarState),
    /// As the opening hours in this file say.
    As(PathBuf),
}

/// How a simulated wait in a queue ends.
// Named as in what is shown; other commands' values have hyphens, so that both are understood.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum QueueEnd {
    /// An agent answers after half a minute.
    Answered,
    /// The queue hands its callers on.
    Overflow,
    /// The longest wait is reached.
    #[value(alias = "max-wait")]
    MaxWait,
    /// Nobody is there to answer.
    #[value(alias = "no-agents")]
    NoAgents,
    /// The queue takes nobody now.
    Closed,
    /// As many wait as may.
    Full,
    /// The caller would rather be rung back.
    Callback,
    /// The caller presses 1, and it leads out.
    #[value(alias = "exit-key")]
    ExitKey,
    /// The queue cannot take the caller.
    Failed,
}

/// What somebody does who is rung in a simulation.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum RungDoes {
    /// Answers after five seconds, presses 1 if a key takes the caller, and talks for three minutes.
    Answers,
    /// Does not answer.
    Nothing,
    /// Is on another call.
    Busy,
    /// Turns it down.
    Rejects,
    /// Cannot be reached.
    Unreachable,
}

/// The start at which another routing policy hands over; none is the one without a name.
#[derive(Debug, Clone)]
pub(crate) struct Entry(pub(crate) Option<Key>);

fn extension(text: &str) -> Result<Extension, String> {
    let digits = !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'*' | b'#'));
    let dialled = Extension::new(text).ok().filter(|_| digits);
    dialled.ok_or_else(|| "an extension is 1 to 16 digits, * and #".to_owned())
}

fn entry(text: &str) -> Result<Entry, String> {
    let name = (!text.is_empty()).then(|| Key::new(text)).transpose();
    name.map(Entry).map_err(|wrong| wrong.to_string())
}

// What a telephone has keys for; nothing is a caller who presses nothing.
fn keys(text: &str) -> Result<String, String> {
    let is_key = |key: char| key.is_ascii_digit() || key == '*' || key == '#';
    if text.chars().all(is_key) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{text:?} is not what a telephone's keys 0 to 9, * and # can say"
    ))
}

fn carried(text: &str) -> Result<(PropertyName, String), String> {
    let (name, value) = text.split_once('=').ok_or("NAME=VALUE is expected")?;
    Ok((PropertyName::new(name)?, value.to_owned()))
}

fn calendar(text: &str) -> Result<(CalendarId, CalendarIs), String> {
    let (id, hours) = text.split_once('=').ok_or("ID=STATE or ID=FILE is expected")?;
    let id = id.parse().map_err(|_| format!("{id:?} is no calendar's id"))?;
    let is = match hours {
        "open" => CalendarIs::Always(CalendarState::Open),
        "closed" => CalendarIs::Always(CalendarState::Closed),
        "special_day" | "special-day" => CalendarIs::Always(CalendarState::SpecialDay),
        "holiday" => CalendarIs::Always(CalendarState::Holiday),
        // No state has a dot or a slash, and a file can always be named with one.
        file if file.contains(['.', '/']) => CalendarIs::As(file.into()),
        other => {
            return Err(format!(
                "{other:?} is no state: open, closed, special_day, holiday or a file such as hours.json is expected"
            ));
        }
    };
    Ok((id, is))
}

fn zone(text: &str) -> Result<ZoneName, InvalidZone> {
    ZoneName::new(text)
}

fn answer(text: &str) -> Result<(String, Reply), String> {
    let (node, says) = text
        .split_once('=')
        .ok_or("NODE=found:…, NODE=not_found, NODE=error or NODE=too_late is expected")?;
    let mut after = Millis(200);
    let says = match says.split_once(':') {
        Some(("found", fields)) => {
            let fields = fields.split(';').filter(|field| !field.is_empty());
            let fields = fields.map(|field| {
                let (name, value) = field
                    .split_once('=')
                    .ok_or_else(|| format!("{field:?} is no field: NAME=VALUE is expected"))?;
                Ok((name.to_owned(), value.to_owned()))
            });
            Says::Found(fields.collect::<Result<_, String>>()?)
        }
        None if says == "found" => Says::Found(Vec::new()),
        None if matches!(says, "not_found" | "not-found") => Says::NotFound,
        None if says == "error" => Says::Error(Key::new("simulated").map_err(|wrong| wrong.to_string())?),
        None if matches!(says, "too_late" | "too-late") => {
            // Longer than any deadline.
            after = Millis::from_secs(86_400);
            Says::NotFound
        }
        Some(_) | None => {
            return Err(format!(
                "{says:?} is no answer: found, not_found, error or too_late is expected"
            ));
        }
    };
    Ok((node.to_owned(), Reply { after, says }))
}

#[derive(Debug, Args)]
pub(crate) struct Sim {
    /// The seed: the same seed gives the same calls, agents and outcome.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many hours of business, from eight in the morning on.
    #[arg(long, value_name = "COUNT", default_value_t = 24, conflicts_with = "wild",
        value_parser = clap::value_parser!(u32).range(1..=i64::from(tests_sim::day::HOURS_MAX)))]
    pub(crate) hours: u32,
    /// Plays every call of these hours again through this document instead, and says which it leads another way, and at
    /// which step.
    #[arg(long, value_name = "FILE", conflicts_with = "wild")]
    pub(crate) policy: Option<PathBuf>,
    /// Writes the document of the routing policy that these hours' callers come to, and does nothing else.
    #[arg(long, conflicts_with_all = ["wild", "policy"])]
    pub(crate) show_policy: bool,
    /// Plays so many small, crowded plans with faults of every kind instead, one for each seed from --seed on.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) wild: Option<u64>,
    /// One JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Writes the JSON Schema of documents.
    Schema,
    /// Says what is wrong with a document, and fails if there are errors.
    Lint {
        /// The document; - is standard input.
        file: PathBuf,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Sends a simulated caller through a document and shows each decision with its reason.
    Simulate(Box<Simulate>),
    /// Says what differs between two documents.
    Diff {
        /// The earlier one; - is standard input.
        before: PathBuf,
        /// The later one; - is standard input.
        after: PathBuf,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Events {
    /// Goes on with what happens from now on.
    #[arg(long, short)]
    pub(crate) follow: bool,
    /// Begins right after this position.
    #[arg(long, value_name = "POSITION", conflicts_with = "last")]
    pub(crate) from: Option<Position>,
    /// Begins with the last so many events.
    #[arg(long, value_name = "COUNT")]
    pub(crate) last: Option<usize>,
    /// Only streams of this category, such as call; may be given more than once.
    #[arg(long, value_name = "CATEGORY")]
    pub(crate) category: Vec<String>,
    /// Only events of this kind, such as CallOffered; may be given more than once.
    #[arg(long, value_name = "KIND", value_parser = kind)]
    pub(crate) kind: Vec<Kind>,
    /// Only this tenant's events.
    #[arg(long)]
    pub(crate) tenant: Option<TenantId>,
    /// One JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

fn kind(text: &str) -> Result<Kind, domain_log::name::InvalidName> {
    Kind::new(text)
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["person", "verify", "again"])))]
pub(crate) struct Erase {
    /// The person's tenant.
    #[arg(long, requires = "person")]
    pub(crate) tenant: Option<TenantId>,
    /// The person.
    #[arg(long, requires = "tenant", requires = "reason")]
    pub(crate) person: Option<PersonId>,
    /// Why: who asked, or a ticket's number. It is kept for ever, so nothing personal belongs here.
    #[arg(long, requires = "person")]
    pub(crate) reason: Option<String>,
    /// Where the proof is written; to standard output without it.
    #[arg(long, value_name = "FILE", requires = "person")]
    pub(crate) proof: Option<PathBuf>,
    /// Checks a proof that was written earlier.
    #[arg(long, value_name = "FILE")]
    pub(crate) verify: Option<PathBuf>,
    /// Erases again, by an earlier proof, in a vault that was restored from an older backup.
    #[arg(long, value_name = "FILE")]
    pub(crate) again: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_commands_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn erasing_needs_somebody_or_a_proof() {
        assert!(Cli::try_parse_from(["ledgerline", "erase"]).is_err());
        assert!(Cli::try_parse_from(["ledgerline", "erase", "--verify", "proof.json"]).is_ok());
    }

    #[test]
    fn a_wrong_value_is_refused_by_name() {
        let refused =
            Cli::try_parse_from(["ledgerline", "events", "--tenant", "ACME"]).expect_err("capitals");
        assert!(refused.to_string().contains("--tenant"), "{refused}");
    }
}
