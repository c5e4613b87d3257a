//! The scripted world around a call: what effects lead to, and when.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::super::effect::{AskedKeys, Effect, Say};
use super::super::replay::decision;
use super::super::{Input, Library, Machine, Output};
use super::{Moment, Rehearsal, Reply, Rung, Says, Script, Seen, Waits};
use crate::call::facts::{Digits, Field, LookupOutcome, Nth, Prompt, Value};
use crate::call::parties::{Caller, Party};
use crate::call::reasons::{LeaveReason, LegCause, Unreached};
use crate::call::{
    Call, Command, Event, Rejection, State, archive, bridge, callback, leg, life, lookup, offer, prompt,
    queue,
};
use crate::content_hash::ContentHash;
use crate::few::Few;
use crate::ids::{AgentId, BridgeId, CallbackId, EntryId, JourneyId, LegId, OfferId, PersonId, StepId};
use crate::text::{Line, Text};
use crate::{Decider as _, Millis, Private, Timestamp};

/// The most things that one rehearsal does: a script can be endless, a desk cannot wait.
const DEEDS_MAX: usize = 50_000;
/// How long it takes until something rings.
const SOON: Millis = Millis(500);
/// How long a message is.
const MESSAGE: Millis = Millis(10_000);
/// How long a rehearsal lasts at most, on its own clock.
const DAY: Millis = Millis::from_secs(86_400);

#[derive(Debug)]
pub(super) struct World<'a> {
    script: &'a Script,
    machine: Machine,
    call: State,
    now: Timestamp,
    // What is to be said to the call, and when; of one moment in the order in which it was planned.
    agenda: BTreeMap<(Timestamp, u64), Command>,
    planned: u64,
    news: VecDeque<Event>,
    // Until when something is played, by who hears it.
    playing: BTreeMap<LegId, Timestamp>,
    talks: BTreeMap<LegId, Millis>,
    chooses: BTreeMap<LegId, String>,
    turns: Turns,
    shown: Rehearsal,
}

/// How often each list of the script was used.
#[derive(Debug, Default)]
struct Turns {
    keys: usize,
    waits: usize,
    rung: usize,
}

impl<'a> World<'a> {
    pub(super) fn new(script: &'a Script, library: &Arc<Library>) -> Self {
        Self {
            script,
            machine: Machine::new(script.call, Arc::clone(library)),
            call: State::default(),
            now: script.at,
            agenda: BTreeMap::new(),
            planned: 0,
            news: VecDeque::new(),
            playing: BTreeMap::new(),
            talks: BTreeMap::new(),
            chooses: BTreeMap::new(),
            turns: Turns::default(),
            shown: Rehearsal {
                path: vec![],
                events: vec![],
                end: None,
                refused: vec![],
            },
        }
    }

    fn caller_leg(&self) -> LegId {
        LegId::new(self.script.call.derive("caller-leg"))
    }

    fn person(&self) -> PersonId {
        PersonId::new(self.script.call.derive("person"))
    }

    pub(super) fn play(mut self) -> Rehearsal {
        let caller = match &self.script.caller {
            Some(number) => Caller::Number {
                number: Private::new(self.person(), number.clone()),
            },
            None => Caller::Withheld,
        };
        self.say(Command::Life(life::Command::Offer {
            leg: self.caller_leg(),
            caller,
            entrance: self.script.entrance.clone(),
            journey: JourneyId::new(self.script.call.derive("journey")),
            previous: None,
            at: self.now,
        }));
        self.plan(self.script.patience, hang_up(self.caller_leg(), LegCause::HungUp));
        let last = self.script.at.plus(DAY);
        for _ in 0..DEEDS_MAX {
            self.listen();
            let planned = self.agenda.keys().next().map(|(at, _)| *at);
            let due = self.machine.poll_timeout();
            let next = [planned, due].into_iter().flatten().min();
            let Some(next) = next.filter(|next| *next <= last) else {
                break;
            };
            self.now = self.now.max(next);
            if planned == Some(next) {
                if let Some((_, command)) = self.agenda.pop_first() {
                    self.say(command);
                }
            } else {
                self.machine.handle_timeout(self.now);
                self.drain();
            }
        }
        self.shown
    }

    // What a world reports may have been settled by something else by then: only what the policy itself wants and is
    // refused is a mistake.
    fn say(&mut self, command: Command) {
        if let Ok(events) = Call::decide(&self.call, command) {
            self.record(events);
        }
    }

    fn record(&mut self, events: Vec<Event>) {
        for event in events {
            self.call = Call::evolve(std::mem::take(&mut self.call), &event);
            self.news.push_back(event);
        }
    }

    fn plan(&mut self, after: Millis, command: impl FnOnce(Timestamp) -> Command) {
        let at = self.now.plus(after);
        self.agenda.insert((at, self.planned), command(at));
        self.planned += 1;
    }

    fn listen(&mut self) {
        while let Some(event) = self.news.pop_front() {
            self.shown.events.push(event.clone());
            if let Some(decision) = decision(&event) {
                self.show(Seen::Decided(decision));
            }
            self.follow(&event);
            self.machine.handle_input(&Input::Happened(&event), self.now);
            self.drain();
        }
    }

    fn show(&mut self, what: Seen) {
        let at = self.now;
        self.shown.path.push(Moment { at, what });
    }

    fn drain(&mut self) {
        while let Some(output) = self.machine.poll_output() {
            match output {
                Output::Command(command) => {
                    // What was recorded and not heard of yet is part of the call already.
                    match Call::decide(&self.call, *command) {
                        Ok(events) => self.record(events),
                        // It is wanted again once the machine has heard what it missed.
                        Err(Rejection::Outdated { .. }) => {}
                        Err(refused) => self.shown.refused.push(refused),
                    }
                }
                Output::Effect(effect) => {
                    self.show(Seen::Done((*effect).clone()));
                    self.act(*effect);
                }
            }
        }
    }

    fn follow(&mut self, event: &Event) {
        if let Event::Ended { cause, .. } = event {
            self.shown.end = Some(cause.clone());
            self.show(Seen::Ended(cause.clone()));
        }
        if let Event::LegJoined { leg, .. } = event
            && let Some(talk) = self.talks.remove(leg)
        {
            self.plan(talk, hang_up(*leg, LegCause::HungUp));
        }
        if let Event::Queued { entry, .. } = event {
            self.wait(*entry);
        }
        if let Event::LeftQueue {
            entry,
            queue,
            reason: LeaveReason::ConnectFailed { .. },
            ..
        } = event
        {
            let (before, queue) = (*entry, *queue);
            self.plan(Millis(0), |at| {
                Command::Queue(queue::Command::Join {
                    entry: EntryId::new(before.derive("again")),
                    queue,
                    priority: None,
                    skills: Few::none(),
                    last_agent: None,
                    told: None,
                    keeps_place_of: Some(before),
                    waiting_since: at,
                    at,
                })
            });
        }
    }

    fn act(&mut self, effect: Effect) {
        match effect {
            Effect::Answer { leg, rings, .. } => {
                let after = Millis(u64::from(rings) * 3_000);
                self.plan(after, |at| Command::Leg(leg::Command::Answer { leg, at }));
            }
            Effect::Play {
                step, nth, leg, say, ..
            } => self.speak(step, nth, leg, &say),
            Effect::Collect { step, nth, leg, keys } => self.press(step, nth, leg, &keys),
            Effect::Ask { step, deadline, .. } => self.answer(step, deadline),
            Effect::Ring { leg, .. } => self.ring(leg),
            Effect::TakeMessage {
                voicemail, mailbox, ..
            } => {
                let left = self.script.leaves_message;
                self.plan(MESSAGE, |at| {
                    Command::Archive(if left {
                        archive::Command::KeepVoicemail {
                            voicemail,
                            mailbox,
                            reference: words("rehearsal"),
                            hash: ContentHash::of(b"rehearsal"),
                            length_ms: MESSAGE,
                            at,
                        }
                    } else {
                        archive::Command::ReportNoVoicemail { voicemail, at }
                    })
                });
            }
            Effect::Camp { .. }
            | Effect::Attend { .. }
            | Effect::Record { .. }
            | Effect::Notify { .. }
            | Effect::Remind { .. }
            | Effect::Debug { .. } => {}
        }
    }

    fn speak(&mut self, step: StepId, nth: Nth, leg: LegId, say: &Say) {
        let (prompt, length) = match say {
            Say::Text(text) | Say::Markup(text) => {
                let length = text.chars().count().saturating_mul(60);
                let text = Value::Private(Private::new(self.person(), words(text)));
                (Prompt::Speech { text }, u64::try_from(length).unwrap_or(u64::MAX))
            }
            Say::Sound(sound) => (Prompt::Sound { sound: *sound }, 3_000),
        };
        let length = Millis(length.min(600_000));
        let from = self.playing.get(&leg).copied().unwrap_or(self.now).max(self.now);
        let until = from.plus(length);
        self.playing.insert(leg, until);
        self.plan(until.since(self.now), |at| {
            Command::Prompt(prompt::Command::Play {
                step,
                nth,
                leg,
                prompt,
                heard_ms: length,
                interrupted: false,
                at,
            })
        });
    }

    fn press(&mut self, step: StepId, nth: Nth, leg: LegId, keys: &AskedKeys) {
        let pressed = match self.chooses.get(&leg) {
            Some(keys) => keys.clone(),
            None => {
                let place = self.turns.keys;
                self.turns.keys += 1;
                self.script.keys.get(place).cloned().unwrap_or_default()
            }
        };
        let finish = keys.finish;
        let pressed: String = pressed.chars().take_while(|key| Some(*key) != finish).collect();
        let pressed: String = pressed.chars().take(usize::from(keys.max)).collect();
        let spoken = self
            .playing
            .get(&leg)
            .copied()
            .unwrap_or(self.now)
            .since(self.now);
        let cuts = self.script.impatient && keys.barge_in && !pressed.is_empty() && spoken > Millis(1_000);
        let think = if pressed.is_empty() {
            keys.first
        } else {
            Millis(1_000)
        };
        let after = if cuts {
            Millis(1_000)
        } else {
            Millis(spoken.0.saturating_add(think.0))
        };
        if cuts {
            self.cut_short(step, leg, after);
        }
        if !keys.secret && !pressed.is_empty() {
            self.show(Seen::Pressed(pressed.clone()));
        }
        let known = Digits::new(&pressed).ok().filter(|_| !keys.secret);
        let digits = known.map(|digits| Private::new(self.person(), digits));
        let outcome = keys.judge(&pressed);
        self.plan(after, |at| {
            Command::Prompt(prompt::Command::Collect {
                step,
                nth,
                outcome,
                digits,
                at,
            })
        });
    }

    // What is still to be heard of a step is heard no more but for the part that was cut short.
    fn cut_short(&mut self, step: StepId, leg: LegId, after: Millis) {
        let of_step = |command: &Command| matches!(command, Command::Prompt(prompt::Command::Play { step: of, .. }) if *of == step);
        let places: Vec<_> = self
            .agenda
            .iter()
            .filter(|(_, command)| of_step(command))
            .collect();
        let places: Vec<_> = places.into_iter().map(|(place, _)| *place).collect();
        let mut cut = places
            .into_iter()
            .filter_map(|place| self.agenda.remove(&place))
            .collect::<VecDeque<_>>();
        if let Some(Command::Prompt(prompt::Command::Play { nth, prompt, .. })) = cut.pop_front() {
            self.plan(after, |at| {
                Command::Prompt(prompt::Command::Play {
                    step,
                    nth,
                    leg,
                    prompt,
                    heard_ms: after,
                    interrupted: true,
                    at,
                })
            });
        }
        self.playing.insert(leg, self.now.plus(after));
    }

    fn answer(&mut self, step: StepId, deadline: Timestamp) {
        let node = self.machine.node().unwrap_or_default();
        let Reply { after, says } = self
            .script
            .answers
            .get(&node)
            .unwrap_or(&self.script.other_answers)
            .clone();
        if self.now.plus(after) >= deadline {
            return;
        }
        let outcome = match says {
            Says::Found(fields) => LookupOutcome::Found {
                records: 1,
                fields: Few::first(fields.iter().filter_map(|(name, value)| {
                    Some(Field {
                        name: Line::new(name).ok()?,
                        value: Private::new(self.person(), Line::new(value).ok()?),
                    })
                })),
            },
            Says::NotFound => LookupOutcome::NotFound,
            Says::Error(reason) => LookupOutcome::Error { reason },
        };
        self.plan(after, |at| {
            Command::Lookup(lookup::Command::TakeAnswer { step, outcome, at })
        });
    }

    fn ring(&mut self, leg: LegId) {
        let place = self.turns.rung;
        self.turns.rung += 1;
        let last = self.script.rung.len().saturating_sub(1);
        let rung = self
            .script
            .rung
            .get(place.min(last))
            .cloned()
            .unwrap_or(Rung::Nothing);
        let rings = move |at| Command::Leg(leg::Command::Ring { leg, at });
        match rung {
            Rung::Answers { after, keys, talk } => {
                self.chooses.insert(leg, keys);
                self.talks.insert(leg, talk);
                self.plan(SOON, rings);
                self.plan(after, |at| Command::Leg(leg::Command::Answer { leg, at }));
            }
            Rung::Nothing => self.plan(SOON, rings),
            Rung::Busy => self.plan(SOON, hang_up(leg, LegCause::Busy)),
            Rung::Rejects => self.plan(Millis(2_000), hang_up(leg, LegCause::Rejected)),
            Rung::Unreachable => {
                let why = Unreached::NotRegistered;
                self.plan(SOON, hang_up(leg, LegCause::Unreachable { why }));
            }
        }
    }

    fn wait(&mut self, entry: EntryId) {
        let place = self.turns.waits;
        self.turns.waits += 1;
        let last = self.script.waits.len().saturating_sub(1);
        let Some(waits) = self.script.waits.get(place.min(last)).cloned() else {
            return;
        };
        match waits {
            Waits::Answered { after, agent, talk } => self.offer(entry, after, agent, Some(talk)),
            Waits::NotConnected { after, agent } => self.offer(entry, after, agent, None),
            Waits::Leaves { after, exit } => {
                self.plan(after, |at| {
                    Command::Queue(queue::Command::Leave { entry, exit, at })
                });
            }
            Waits::Callback { after } => {
                let callback = CallbackId::new(entry.derive("callback"));
                let waits = callback::Waits::In { entry };
                self.plan(after, |at| {
                    Command::Callback(callback::Command::Offer { callback, waits, at })
                });
                if let Some(number) = self.script.caller.clone() {
                    let number = Private::new(self.person(), number);
                    let due = None;
                    let accept = |at| {
                        Command::Callback(callback::Command::Accept {
                            callback,
                            number,
                            due,
                            at,
                        })
                    };
                    self.plan(after, accept);
                }
            }
        }
    }

    fn offer(&mut self, entry: EntryId, after: Millis, agent: AgentId, talk: Option<Millis>) {
        let (id, leg) = (
            OfferId::new(entry.derive("offer")),
            LegId::new(entry.derive("leg")),
        );
        self.plan(after, |at| {
            Command::Offer(offer::Command::Make {
                offer: id,
                entry,
                agent,
                ring_ms: Millis(20_000),
                strategy: super::super::inputs::key("rehearsal"),
                settings: ContentHash::of(b"rehearsal"),
                candidates: Few::none(),
                at,
            })
        });
        self.plan(after, |at| {
            Command::Leg(leg::Command::Create {
                leg,
                party: Party::Agent { agent, device: None },
                offer: Some(id),
                hunt: None,
                at,
            })
        });
        self.plan(after, |at| Command::Leg(leg::Command::Answer { leg, at }));
        let Some(talk) = talk else {
            self.plan(after, |at| {
                Command::Offer(offer::Command::FailToConnect { offer: id, at })
            });
            return;
        };
        self.talks.insert(leg, talk);
        let bridge = BridgeId::new(entry.derive("bridge"));
        for leg in [self.caller_leg(), leg] {
            self.plan(after, |at| {
                Command::Bridge(bridge::Command::Join { bridge, leg, at })
            });
        }
    }
}

fn hang_up(leg: LegId, cause: LegCause) -> impl FnOnce(Timestamp) -> Command {
    move |at| Command::Leg(leg::Command::End { leg, cause, at })
}

fn words(text: &str) -> Line {
    super::super::inputs::cut(text).unwrap_or_else(|| Text::new("-").expect("a short text"))
}
