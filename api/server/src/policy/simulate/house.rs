//! The house that a simulated caller rings: whatever the document names is there, under its id.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, bail};
use domain_model::few::Few;
use domain_model::ids::{CalendarId, GroupId, QueueId, UserId};
use domain_model::interpreter::rehearsal::{Reply, Says};
use domain_model::interpreter::{Account, Library, Person, Team};
use domain_model::routing_policy::graph::starts::Begin;
use domain_model::routing_policy::graph::{Graph, Seen};
use domain_model::tenant::clock::{Clock, Date, Weekday};
use domain_model::tenant::extension::Extension;
use domain_model::tenant::hours::{Hours, Span, SpecialDay, WeekSpan};
use domain_model::tenant::zone::ZoneName;
use domain_model::text::Name;
use domain_model::{Millis, PhoneNumber, Timestamp};
use uuid::Uuid;

use crate::cli::{CalendarIs, CalendarState, Simulate};

/// How many members each group has that a document names.
const MEMBERS: u128 = 2;

/// What a document names.
#[derive(Debug, Default)]
struct Named {
    queues: BTreeSet<QueueId>,
    groups: BTreeSet<GroupId>,
    users: BTreeSet<UserId>,
    calendars: BTreeSet<CalendarId>,
    extensions: BTreeSet<Extension>,
}

impl Named {
    fn of(graph: &Graph) -> Self {
        let mut named = Self::default();
        for node in graph.nodes() {
            node.show(&mut |_, seen| match seen {
                Seen::Queue(id) => {
                    named.queues.insert(id);
                }
                Seen::Group(id) => {
                    named.groups.insert(id);
                }
                Seen::User(id) => {
                    named.users.insert(id);
                }
                Seen::Calendar(id) => {
                    named.calendars.insert(id);
                }
                Seen::Template(_)
                | Seen::Markup(_)
                | Seen::Inbox(_)
                | Seen::Sound(_)
                | Seen::Skill(_)
                | Seen::Policy(_) => {}
            });
        }
        named
    }

    // What an answer says may become whom a macro names, and nobody knows as what.
    fn add_answers(&mut self, answers: &[(String, Reply)]) {
        let values = answers.iter().flat_map(|(_, reply)| match &reply.says {
            Says::Found(fields) => fields.as_slice(),
            Says::NotFound | Says::Error(_) => &[],
        });
        for (_, value) in values {
            self.extensions.extend(extension(value));
            if let Ok(id) = value.parse::<Uuid>() {
                self.queues.insert(QueueId::new(id));
                self.groups.insert(GroupId::new(id));
                self.users.insert(UserId::new(id));
            }
        }
    }

    // Everybody has an extension: those who are named by it theirs, and all others the next that is free.
    fn people(
        &self,
        called: Option<(Extension, Option<&PhoneNumber>)>,
    ) -> anyhow::Result<BTreeMap<UserId, Person>> {
        let holder = |extension: Extension| (UserId::new(holder(extension)), extension);
        let own: BTreeMap<UserId, Extension> = self.extensions.iter().copied().map(holder).collect();
        let taken = |extension: &Extension| self.extensions.contains(extension);
        let mut free = (2_000..=7_999).filter_map(|number| Extension::new(number).ok());
        let users: BTreeSet<UserId> = own.keys().chain(&self.users).copied().collect();
        let person = |user: UserId| -> anyhow::Result<_> {
            let next = || free.by_ref().find(|extension| !taken(extension));
            let extension = own.get(&user).copied().or_else(next);
            let extension = extension.context("the document names more users than there are extensions")?;
            let numbers = called
                .filter(|(of, _)| *of == extension)
                .and_then(|(_, number)| number.cloned());
            let person = Person {
                name: Name::new(&user.to_string())?,
                extension,
                numbers: numbers.into_iter().collect(),
                divert: None,
            };
            Ok((user, person))
        };
        users.into_iter().map(person).collect()
    }
}

/// Furnishes a library with whatever a document and what is simulated with it name.
pub(super) fn furnished(graph: &Graph, what: &Simulate, at: Timestamp) -> anyhow::Result<Library> {
    let mut library = Library::new(Account {
        zone: what.zone.clone(),
        language: "en".to_owned(),
        number: None,
        apology: "We are sorry. Please try again later.".to_owned(),
    });
    let mut named = Named::of(graph);
    let given = calendars(&named, what, at)?;
    named.add_answers(&what.answer);
    for calendar in named.calendars.difference(&given.keys().copied().collect()) {
        let hours = hours(Name::new(&calendar.to_string())?, CalendarState::Open, at)?;
        library.calendars.insert(*calendar, hours);
    }
    library.calendars.extend(given);
    for queue in &named.queues {
        library.queues.insert(*queue, Name::new(&queue.to_string())?);
    }
    for group in std::mem::take(&mut named.groups) {
        let members = (0..MEMBERS).map(|place| UserId::new(member(group, place)));
        let members: BTreeSet<UserId> = members.collect();
        named.users.extend(&members);
        let team = Team {
            name: Name::new(&group.to_string())?,
            extension: None,
            numbers: BTreeSet::new(),
            members,
        };
        library.groups.insert(group, team);
    }
    let dialled = dialled(graph, what);
    named.extensions.extend(dialled);
    library.users = named.people(dialled.map(|extension| (extension, what.called.as_ref())))?;
    Ok(library)
}

// What is said of calendars, each of which the document asks.
fn calendars(named: &Named, what: &Simulate, at: Timestamp) -> anyhow::Result<BTreeMap<CalendarId, Hours>> {
    let mut given = BTreeMap::new();
    for (calendar, is) in &what.calendar {
        if !named.calendars.contains(calendar) {
            bail!("--calendar: the document asks no calendar {calendar}");
        }
        let hours = match is {
            CalendarIs::Always(state) => hours(Name::new(&calendar.to_string())?, *state, at)?,
            CalendarIs::As(file) => {
                opening_hours(file).with_context(|| format!("--calendar: {}", file.display()))?
            }
        };
        if given.insert(*calendar, hours).is_some() {
            bail!("--calendar: {calendar} is given twice");
        }
    }
    Ok(given)
}

fn opening_hours(file: &Path) -> anyhow::Result<Hours> {
    let hours: Hours = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    hours.check()?;
    Ok(hours)
}

// Ids that nothing else has: documents that are drawn by hand number theirs from below.
fn member(group: GroupId, place: u128) -> Uuid {
    Uuid::from_u128(group.uuid().as_u128() ^ ((place + 1) << 112))
}

fn holder(extension: Extension) -> Uuid {
    Uuid::from_u128((1 << 126) | u128::from(u16::from(extension)))
}

fn extension(text: &str) -> Option<Extension> {
    let number = text.parse::<u16>().ok()?;
    Extension::new(number).ok()
}

/// Returns the extension of whoever is dialled directly; none where the document begins with no such calls.
pub(super) fn dialled(graph: &Graph, what: &Simulate) -> Option<Extension> {
    let direct = graph
        .starts
        .iter()
        .any(|block| matches!(block.start, Begin::DirectNumbers(_)));
    match &what.extension {
        Some(given) => extension(given.as_str()),
        None => Extension::new(2_000).ok(),
    }
    .filter(|_| direct)
}

fn hours(name: Name, state: CalendarState, at: Timestamp) -> anyhow::Result<Hours> {
    let all_day = Span {
        from: Clock::MIDNIGHT,
        until: Clock::DAY_END,
    };
    let week = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];
    let (week, special): (&[Weekday], Option<&[Span]>) = match state {
        CalendarState::Open => (&week, None),
        CalendarState::Closed => (&[], None),
        CalendarState::SpecialDay => (&[], Some(&[all_day])),
        CalendarState::Holiday => (&[], Some(&[])),
    };
    // A call may last until the next day.
    let dates = [at, at.plus(Millis::from_secs(86_400))].map(date);
    let days = special.into_iter().flat_map(|open| {
        dates.iter().flatten().map(move |date| SpecialDay {
            date: *date,
            name: None,
            open: Few::first(open.iter().copied()),
        })
    });
    Ok(Hours {
        name,
        zone: ZoneName::new("UTC")?,
        week: Few::first(week.iter().map(|day| WeekSpan {
            day: *day,
            span: all_day,
        })),
        days: Few::first(days),
    })
}

// A moment begins with its date.
fn date(at: Timestamp) -> Option<Date> {
    at.to_string().get(..10)?.parse().ok()
}
