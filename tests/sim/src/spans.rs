//! Time that is accounted for: whatever interval is looked at, nothing of it is missing or counted twice.

use std::collections::BTreeMap;

use domain_model::call::Event as CallEvent;
use domain_model::contact::Contact;
use domain_model::conversation::Event as ChatEvent;
use domain_model::ids::{AgentId, CallId, ConversationId, EntryId};
use domain_model::process::AnyEvent;
use domain_model::queue::Event as QueueEvent;
use domain_model::{Decider as _, Timestamp, agent};

use crate::chance::Chance;
use crate::day;
use crate::judge::history;
use crate::platform::Recorded;

/// From when until when somebody did something.
type Span = (Timestamp, Timestamp);

// The part of spans that lies between two moments, in microseconds.
fn within<'a>(spans: impl IntoIterator<Item = &'a Span>, from: Timestamp, until: Timestamp) -> i64 {
    let cut = |(begins, ends): &Span| ((*ends).min(until).micros() - (*begins).max(from).micros()).max(0);
    spans.into_iter().map(cut).sum()
}

/// Spans by who and what, of which the last may be open.
struct Spans<K> {
    open: BTreeMap<K, Timestamp>,
    closed: BTreeMap<K, Vec<Span>>,
}

impl<K: Ord + Clone> Spans<K> {
    const fn none() -> Self {
        Self {
            open: BTreeMap::new(),
            closed: BTreeMap::new(),
        }
    }

    fn begin(&mut self, key: K, at: Timestamp) {
        self.open.entry(key).or_insert(at);
    }

    fn end(&mut self, key: &K, at: Timestamp) {
        if let Some(from) = self.open.remove(key) {
            self.closed.entry(key.clone()).or_default().push((from, at));
        }
    }

    fn of(&self, is: impl Fn(&K) -> bool) -> impl Iterator<Item = &Span> {
        self.closed
            .iter()
            .filter(move |(key, _)| is(key))
            .flat_map(|(_, spans)| spans)
    }
}

/// How an agent is shown: the kind of the state that they chose, and what they have in hand.
type Shown = String;

struct Agents {
    at_work: Spans<AgentId>,
    shown: Spans<(AgentId, Shown)>,
}

// At work by what was recorded; how they are shown by the aggregate's own fold.
fn agents(log: &[Recorded]) -> Agents {
    let mut all = Agents {
        at_work: Spans::none(),
        shown: Spans::none(),
    };
    let mut states: BTreeMap<AgentId, (agent::State, Option<Shown>)> = BTreeMap::new();
    for recorded in log {
        let AnyEvent::Agent(id, event) = &recorded.happened.what else {
            continue;
        };
        let at = recorded.time;
        match event {
            agent::Event::SignedIn { .. } => all.at_work.begin(*id, at),
            agent::Event::SignedOut { .. } => all.at_work.end(id, at),
            _ => {}
        }
        let (state, before) = states.entry(*id).or_default();
        *state = agent::Agent::evolve(std::mem::take(state), event);
        let now = shown(state);
        if now != *before {
            before
                .iter()
                .for_each(|before| all.shown.end(&(*id, before.clone()), at));
            now.iter().for_each(|now| all.shown.begin((*id, now.clone()), at));
            *before = now;
        }
    }
    all
}

fn shown(state: &agent::State) -> Option<Shown> {
    let chosen = state.chosen().map(|state| state.kind);
    let in_hand = state.activities().map(|(_, activity)| activity).next();
    state.is_signed_in().then(|| format!("{chosen:?} {in_hand:?}"))
}

struct Calls {
    lives: Spans<CallId>,
    waits: Spans<(CallId, EntryId)>,
    elsewhere: Spans<CallId>,
}

fn calls(log: &[Recorded]) -> Calls {
    let mut all = Calls {
        lives: Spans::none(),
        waits: Spans::none(),
        elsewhere: Spans::none(),
    };
    for recorded in log {
        let AnyEvent::Call(id, event) = &recorded.happened.what else {
            continue;
        };
        let at = recorded.time;
        match event {
            CallEvent::Offered { .. } => {
                all.lives.begin(*id, at);
                all.elsewhere.begin(*id, at);
            }
            CallEvent::Queued { entry, .. } => {
                all.elsewhere.end(id, at);
                all.waits.begin((*id, *entry), at);
            }
            CallEvent::LeftQueue { entry, .. } => {
                all.waits.end(&(*id, *entry), at);
                all.elsewhere.begin(*id, at);
            }
            CallEvent::Ended { .. } => {
                all.lives.end(id, at);
                all.elsewhere.end(id, at);
            }
            _ => {}
        }
    }
    all
}

struct Chats {
    lives: Spans<ConversationId>,
    // With an agent, by what the conversation says and by what the agents say.
    with: Spans<(ConversationId, AgentId)>,
    in_hand: Spans<(ConversationId, AgentId)>,
    // In a line, by what the queues say; and neither in one nor with an agent.
    waits: Spans<(ConversationId, EntryId)>,
    elsewhere: Spans<ConversationId>,
}

fn chats(log: &[Recorded]) -> Chats {
    let mut all = Chats {
        lives: Spans::none(),
        with: Spans::none(),
        in_hand: Spans::none(),
        waits: Spans::none(),
        elsewhere: Spans::none(),
    };
    let mut of: BTreeMap<EntryId, ConversationId> = BTreeMap::new();
    for recorded in log {
        let at = recorded.time;
        match &recorded.happened.what {
            AnyEvent::Conversation(id, event) => all.hear(*id, event, at),
            AnyEvent::Queue(
                _,
                QueueEvent::Entered {
                    entry,
                    contact: Contact::Conversation(id),
                    ..
                },
            ) => {
                of.insert(*entry, *id);
                all.waits.begin((*id, *entry), at);
                all.elsewhere.end(id, at);
            }
            AnyEvent::Queue(_, QueueEvent::Left { entry, .. }) => {
                if let Some(id) = of.remove(entry) {
                    all.waits.end(&(id, *entry), at);
                    all.set_elsewhere(id, at);
                }
            }
            AnyEvent::Agent(agent, agent::Event::Accepted { contact, .. })
            | AnyEvent::Agent(agent, agent::Event::Begun { contact, .. }) => {
                if let Contact::Conversation(id) = contact {
                    all.in_hand.begin((*id, *agent), at);
                }
            }
            AnyEvent::Agent(agent, agent::Event::WrapUpStarted { contact, .. })
            | AnyEvent::Agent(agent, agent::Event::Released { contact, .. }) => {
                if let Contact::Conversation(id) = contact {
                    all.in_hand.end(&(*id, *agent), at);
                }
            }
            _ => {}
        }
    }
    all
}

impl Chats {
    fn hear(&mut self, id: ConversationId, event: &ChatEvent, at: Timestamp) {
        match event {
            ChatEvent::Opened { .. } => {
                self.lives.begin(id, at);
                self.elsewhere.begin(id, at);
            }
            ChatEvent::Assigned { agent, .. } => {
                self.with.begin((id, *agent), at);
                self.elsewhere.end(&id, at);
            }
            ChatEvent::TakenOver { agent, from, .. } => {
                self.with.end(&(id, *from), at);
                self.with.begin((id, *agent), at);
            }
            ChatEvent::Unassigned { agent, .. } => {
                self.with.end(&(id, *agent), at);
                self.set_elsewhere(id, at);
            }
            ChatEvent::Archived { .. } => {
                self.lives.end(&id, at);
                self.elsewhere.end(&id, at);
            }
            _ => {}
        }
    }

    // Unless it is over, in a line or with somebody.
    fn set_elsewhere(&mut self, id: ConversationId, at: Timestamp) {
        let is_with = self.with.open.keys().any(|(chat, _)| *chat == id);
        let waits = self.waits.open.keys().any(|(chat, _)| *chat == id);
        if self.lives.open.contains_key(&id) && !is_with && !waits {
            self.elsewhere.begin(id, at);
        }
    }
}

// The same waits as the queues tell them: until the caller left, or hung up and kept the place.
fn lines(log: &[Recorded]) -> Spans<(CallId, EntryId)> {
    let mut waits = Spans::none();
    let mut of: BTreeMap<EntryId, CallId> = BTreeMap::new();
    for recorded in log {
        let AnyEvent::Queue(_, event) = &recorded.happened.what else {
            continue;
        };
        match event {
            QueueEvent::Entered {
                entry,
                contact: Contact::Call(call),
                ..
            } => {
                of.insert(*entry, *call);
                waits.begin((*call, *entry), recorded.time);
            }
            QueueEvent::Left { entry, .. } | QueueEvent::CallbackChosen { entry, .. } => {
                if let Some(call) = of.remove(entry) {
                    waits.end(&(call, *entry), recorded.time);
                }
            }
            _ => {}
        }
    }
    waits
}

fn moments(log: &[Recorded], n: u64) -> [Timestamp; 3] {
    let (first, last) = (log[0].time, log[log.len() - 1].time);
    let length = u64::try_from(last.micros() - first.micros()).expect("a day");
    let any = |name: &str| {
        let after = Chance::seeded(n).about(name, 0).below(length);
        Timestamp::from_micros(first.micros() + i64::try_from(after).expect("within a day"))
    };
    let mut moments = [any("from"), any("between"), any("until")];
    moments.sort_unstable();
    moments
}

#[test]
fn agents_seconds_across_states_are_the_seconds_at_work_and_splits_sum_back() {
    let log = history(&day::plan(1, 4));
    let all = agents(&log);
    for n in 0..50 {
        let [from, between, until] = moments(&log, n);
        for id in all.at_work.closed.keys() {
            let at_work = |from, until| within(all.at_work.of(|key| key == id), from, until);
            let shown = |from, until| within(all.shown.of(|(key, _)| key == id), from, until);
            assert_eq!(
                shown(from, until),
                at_work(from, until),
                "{id} from {from} until {until}"
            );
            assert_eq!(shown(from, between) + shown(between, until), shown(from, until));
        }
    }
}

#[test]
fn a_calls_waits_are_those_of_its_queues_and_its_segments_sum_to_its_length() {
    let log = history(&day::plan(2, 4));
    let (all, lines) = (calls(&log), lines(&log));
    assert_eq!(
        all.waits.closed, lines.closed,
        "call and queue tell the same of every wait"
    );
    for (id, lives) in &all.lives.closed {
        for n in 0..3 {
            let [from, _, until] = moments(&log, n);
            let waits = within(all.waits.of(|(of, _)| of == id), from, until);
            let elsewhere = within(all.elsewhere.of(|of| of == id), from, until);
            assert_eq!(waits + elsewhere, within(lives, from, until), "{id}");
        }
    }
    assert!(all.lives.closed.len() > 200, "a few hundred calls");
}

#[test]
fn a_conversations_waits_and_agents_and_the_rest_sum_to_its_length() {
    let log = history(&day::plan(4, 4));
    let all = chats(&log);
    let told = |spans: &Spans<(ConversationId, AgentId)>| {
        let spans = spans.closed.iter();
        let long = spans.map(|(key, spans)| (*key, spans.iter().filter(|span| span.1 > span.0).count()));
        long.filter(|(_, count)| *count > 0).collect::<Vec<_>>()
    };
    assert_eq!(
        told(&all.with),
        told(&all.in_hand),
        "agents and conversations tell of the same times"
    );
    for (id, lives) in &all.lives.closed {
        for n in 0..3 {
            let [from, between, until] = moments(&log, n);
            let parts = |from, until| {
                let with = within(all.with.of(|(of, _)| of == id), from, until);
                let in_hand = within(all.in_hand.of(|(of, _)| of == id), from, until);
                assert_eq!(with, in_hand, "{id}");
                let waits = within(all.waits.of(|(of, _)| of == id), from, until);
                with + waits + within(all.elsewhere.of(|of| of == id), from, until)
            };
            assert_eq!(parts(from, until), within(lives, from, until), "{id}");
            assert_eq!(
                parts(from, between) + parts(between, until),
                parts(from, until),
                "{id}"
            );
        }
    }
    assert!(all.lives.closed.len() > 50, "some dozens of conversations");
}
