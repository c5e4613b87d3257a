//! What can have been filled by the time a contact is somewhere: result sets and custom properties.
//!
//! Each place of the graph that fills something is numbered once, and each position keeps a bit for each of them. So
//! the largest document needs a few megabytes, not a list of names at every app.

use std::collections::{BTreeMap, BTreeSet};

use super::flow::{Flow, Position, Step};
use crate::routing_policy::graph::apps::Does;
use crate::routing_policy::graph::apps::records::{Answer, Find};
use crate::routing_policy::graph::macros;
use crate::routing_policy::graph::starts::Begin;
use crate::routing_policy::graph::words::{ApiName, SetName};
use crate::routing_policy::start::PolicyKind;

/// Something that can be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name<'a> {
    /// Any property, by another policy before this one.
    Carried,
    /// A custom property.
    Property(&'a str),
    /// A result set.
    Set(&'a str),
}

/// The fields of a result set.
#[derive(Debug, Clone)]
pub(super) enum Fields<'a> {
    These(BTreeSet<&'a str>),
    Any,
}

/// What is filled somewhere.
type Fill<'a> = (Name<'a>, Fields<'a>);

/// What can be filled where.
#[derive(Debug)]
pub(super) struct Filled<'a> {
    fills: Vec<Fill<'a>>,
    by_name: BTreeMap<Name<'a>, Vec<usize>>,
    /// At each position that is reached.
    at: Vec<Option<Bits>>,
    /// Anywhere.
    ever: Bits,
}

/// A bit for each place that fills something.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    fn set(&mut self, bit: usize, to: bool) {
        let word = bit / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if to {
            self.0[word] |= 1 << (bit % 64);
        } else {
            self.0[word] &= !(1 << (bit % 64));
        }
    }

    fn has(&self, bit: usize) -> bool {
        self.0
            .get(bit / 64)
            .is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    /// Adds the bits of another; says whether that was more.
    fn join(&mut self, other: &Self) -> bool {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        let mut more = false;
        for (ours, theirs) in self.0.iter_mut().zip(&other.0) {
            more |= *theirs & !*ours != 0;
            *ours |= theirs;
        }
        more
    }
}

impl<'a> Filled<'a> {
    pub(super) fn of(flow: &Flow<'a>) -> Self {
        let mut filled = Self {
            fills: vec![],
            by_name: BTreeMap::new(),
            at: vec![None; flow.positions.len()],
            ever: Bits::default(),
        };
        let mut open = BTreeSet::new();
        for start in flow.graph.starts.iter() {
            if let Some(place) = flow.link(start.next.as_ref()) {
                let bits = filled.number(brought(flow.graph.kind, &start.start));
                let there = filled.at[place].get_or_insert_default();
                bits.into_iter().for_each(|bit| there.set(bit, true));
                open.insert(place);
            }
        }
        let own: Vec<Vec<Vec<usize>>> = flow
            .positions
            .iter()
            .zip(&flow.steps)
            .map(|(position, steps)| {
                let each = steps.iter().map(|step| filled.number(fills(position, step)));
                each.collect()
            })
            .collect();
        filled.spread(flow, &own, open);
        for at in filled.at.iter().flatten() {
            filled.ever.join(at);
        }
        filled
    }

    fn number(&mut self, fills: Vec<Fill<'a>>) -> Vec<usize> {
        let first = self.fills.len();
        for (bit, (name, _)) in fills.iter().enumerate() {
            self.by_name.entry(*name).or_default().push(first + bit);
        }
        self.fills.extend(fills);
        (first..self.fills.len()).collect()
    }

    /// Goes on until nothing new is found; `own`: what each step of each position fills.
    fn spread(&mut self, flow: &Flow<'_>, own: &[Vec<Vec<usize>>], mut open: BTreeSet<usize>) {
        while let Some(place) = open.pop_first() {
            let Some(here) = self.at[place].clone() else {
                continue;
            };
            for (step, own) in flow.steps[place].iter().zip(&own[place]) {
                let Some(to) = step.to else { continue };
                let mut then = here.clone();
                for bit in own {
                    // A set that is filled again holds nothing of what it held.
                    let name = self.fills[*bit].0;
                    if matches!(name, Name::Set(_)) {
                        self.by_name[&name]
                            .iter()
                            .for_each(|other| then.set(*other, false));
                    }
                    then.set(*bit, true);
                }
                let new = self.at[to].is_none();
                if self.at[to].get_or_insert_default().join(&then) || new {
                    open.insert(to);
                }
            }
        }
    }

    /// Returns what can be filled at a position; none if it is never reached.
    pub(super) fn at(&self, place: usize) -> Option<&Bits> {
        self.at[place].as_ref()
    }

    /// Returns what can be filled anywhere.
    pub(super) const fn ever(&self) -> &Bits {
        &self.ever
    }

    /// Says whether something can be filled.
    pub(super) fn can(&self, by_then: &Bits, name: Name<'_>) -> bool {
        !self.places(by_then, name).is_empty()
    }

    /// Returns the fields that a result set can have; none if nothing fills it.
    pub(super) fn fields(&self, by_then: &Bits, set: &str) -> Option<Fields<'a>> {
        let mut all: Option<BTreeSet<&'a str>> = None;
        for bit in self.places(by_then, Name::Set(set)) {
            match &self.fills[bit].1 {
                Fields::Any => return Some(Fields::Any),
                Fields::These(fields) => all.get_or_insert_default().extend(fields),
            }
        }
        all.map(Fields::These)
    }

    fn places(&self, by_then: &Bits, name: Name<'_>) -> Vec<usize> {
        let places = self.by_name.get(&name).into_iter().flatten().copied();
        places.filter(|bit| by_then.has(*bit)).collect()
    }
}

fn brought<'a>(kind: PolicyKind, start: &Begin) -> Vec<Fill<'a>> {
    let carried = (Name::Carried, Fields::Any);
    match start {
        Begin::FromPolicy(_) | Begin::Destination(_) => vec![carried],
        Begin::Event(_) => vec![carried, (Name::Set(macros::EVENT_SET), Fields::Any)],
        // What runs after a call knows what the call carried.
        Begin::Message(_) if kind == PolicyKind::DataAnalytics => vec![carried],
        Begin::Message(_)
        | Begin::Number(_)
        | Begin::Extension(_)
        | Begin::Trunk(_)
        | Begin::DirectNumbers(_)
        | Begin::Address(_) => vec![],
    }
}

/// Returns what a step fills.
fn fills<'a>(position: &Position<'a>, step: &Step) -> Vec<Fill<'a>> {
    let Some(app) = position.app else { return vec![] };
    let property = |name: &'a str| (Name::Property(name), Fields::Any);
    match (&app.does, step.field.as_str()) {
        (Does::Query(query), "outlets.found") => {
            let fields = match &query.find {
                Find::Builder(builder) => Fields::These(builder.fields.iter().map(ApiName::as_str).collect()),
                Find::Soql(_) => Fields::Any,
            };
            vec![(Name::Set(query.into.as_str()), fields)]
        }
        (Does::Http(http), "outlets.found") if http.answer == Answer::Records => {
            let fields = if http.fields.is_empty() {
                Fields::Any
            } else {
                Fields::These(http.fields.iter().map(SetName::as_str).collect())
            };
            vec![(Name::Set(http.into.as_str()), fields)]
        }
        (Does::Create(create), "outlets.done") => {
            let fields = Fields::These(BTreeSet::from(["Id"]));
            vec![(Name::Set(create.into.as_str()), fields)]
        }
        // Keys that are secret are kept nowhere.
        (Does::Digits(digits), "outlets.matched") if !digits.secret => {
            vec![property(digits.into.as_str())]
        }
        (Does::Survey(survey), _) => {
            let names = survey.questions.iter().map(|question| question.name.as_str());
            names.map(property).collect()
        }
        (Does::Properties(properties), _) => {
            let names = properties.set.iter().map(|set| set.name.as_str());
            names.map(property).collect()
        }
        _ => vec![],
    }
}
