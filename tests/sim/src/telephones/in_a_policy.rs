//! What callers do in a routing policy, and what the world does for it: they listen, press keys and leave messages; the
//! CRM answers; whoever is rung takes the call or does not.

use std::collections::{BTreeMap, BTreeSet};

use domain_model::call::facts::{Digits, Field, LookupOutcome, Nth, Prompt, Value};
use domain_model::call::reasons::LegCause;
use domain_model::call::{self, archive, leg, lookup, prompt};
use domain_model::content_hash::ContentHash;
use domain_model::few::Few;
use domain_model::ids::{CallId, LegId, PersonId, StepId};
use domain_model::interpreter::Effect;
use domain_model::interpreter::effect::{AskedKeys, Say};
use domain_model::text::{Key, Text};
use domain_model::{Millis, Private, Timestamp};

use super::{Deed, Line, Reaction, Telephones};
use crate::chance::Chance;
use crate::plan::numbered;

/// How long it takes to say one letter.
const LETTER: Millis = Millis(60);
/// How long a sound of the library is.
const SOUND: Millis = Millis::from_secs(3);
/// How long one ring takes.
const RING: Millis = Millis::from_secs(3);
/// How long a message is.
const MESSAGE: Millis = Millis::from_secs(10);
/// How many questions in a thousand the CRM answers with an error, and how many not at all.
const FAILS: u64 = 10;
/// How long whoever is rung takes to answer, on average.
const FAR_END: Millis = Millis::from_secs(8);

/// What happens on a caller's line while they are in a routing policy.
#[derive(Debug, Clone, Default)]
pub(super) struct OnLine {
    // What was begun already: whoever wants it again begins nothing.
    begun: BTreeSet<(uuid::Uuid, &'static str, u32)>,
    // Until when each leg hears something.
    hears_until: BTreeMap<LegId, Timestamp>,
    // What is to be heard and was cut short by a key.
    cut: BTreeSet<(StepId, Nth)>,
    playing: BTreeMap<(StepId, Nth), Playing>,
    // How often the caller pressed keys.
    pressed: usize,
    // Those outside who were rung for the caller, and of them those whom no routing policy brings together with them.
    rung: BTreeSet<LegId>,
    outside: BTreeSet<LegId>,
}

/// Something that is heard, or is to be.
#[derive(Debug, Clone)]
struct Playing {
    leg: LegId,
    prompt: Prompt,
    from: Timestamp,
    until: Timestamp,
}

impl Line {
    /// Says whether somebody is there whom the caller can talk to.
    pub(super) fn has_far_end(&self, leg: LegId) -> bool {
        self.legs.contains_key(&leg) || self.on_line.rung.contains(&leg)
    }
}

impl Telephones {
    /// Does what a routing policy wants of the world.
    pub(crate) fn perform(&mut self, call: CallId, effect: Effect, at: Timestamp) -> Reaction {
        let mut does = Reaction::default();
        let chance = self.chance.about("policy", call.uuid().as_u64_pair().1);
        let Some(line) = self.lines.get_mut(&call) else {
            return does;
        };
        if !line.on_line.begin(&effect) {
            return does;
        }
        match effect {
            Effect::Answer { leg, rings, .. } => {
                let at = at.plus(Millis(RING.0 * u64::from(rings)));
                does.report(
                    call,
                    "pick-up",
                    call::Command::Leg(leg::Command::Answer { leg, at }),
                    at,
                );
            }
            Effect::Play {
                step, nth, leg, say, ..
            } => line.hear(call, (step, nth), (leg, say), at, &mut does),
            Effect::Collect { step, nth, keys, leg } => {
                line.press(call, (step, nth), (leg, &keys), chance, at, &mut does);
            }
            Effect::Ask { step, deadline, .. } => line.ask_crm(call, step, (at, deadline), chance, &mut does),
            Effect::Ring { leg, until, .. } => line.ring_far_end(call, leg, (at, until), chance, &mut does),
            Effect::TakeMessage {
                voicemail, mailbox, ..
            } => {
                let when = at.plus(MESSAGE);
                let kept = archive::Command::KeepVoicemail {
                    voicemail,
                    mailbox,
                    reference: Text::new("simulated").expect("a short text"),
                    hash: ContentHash::of(b"simulated"),
                    length_ms: MESSAGE,
                    at: when,
                };
                does.report(call, "message", call::Command::Archive(kept), when);
            }
            // What others hear, read or are told meanwhile leads to nothing that a call records.
            Effect::Camp { .. }
            | Effect::Attend { .. }
            | Effect::Record { .. }
            | Effect::Notify { .. }
            | Effect::Remind { .. }
            | Effect::Debug { .. } => {}
        }
        does
    }

    /// Reports what was begun, unless it was cut short or the line is dead.
    pub(super) fn report(
        &mut self,
        call: CallId,
        word: &'static str,
        command: &call::Command,
        does: &mut Reaction,
    ) {
        let Some(line) = self.lines.get_mut(&call) else {
            return;
        };
        if let call::Command::Prompt(prompt::Command::Play {
            step,
            nth,
            interrupted,
            ..
        }) = command
        {
            line.on_line.playing.remove(&(*step, *nth));
            if line.on_line.cut.contains(&(*step, *nth)) && !interrupted {
                return;
            }
        }
        does.call(word, call, command.clone());
    }
}

impl Reaction {
    // Reports something at its time.
    fn report(&mut self, call: CallId, word: &'static str, command: call::Command, when: Timestamp) {
        let command = Box::new(command);
        self.later.push((when, Deed::Report { call, word, command }));
    }
}

impl OnLine {
    // Says whether an effect is new. One that is wanted again was lost by whoever wants it, not here.
    fn begin(&mut self, effect: &Effect) -> bool {
        let name = match effect {
            Effect::Answer { leg, .. } => (leg.uuid(), "answer", 0),
            Effect::Play { step, nth, .. } => (step.uuid(), "play", nth.0),
            Effect::Collect { step, nth, .. } => (step.uuid(), "collect", nth.0),
            Effect::Ask { step, .. } => (step.uuid(), "ask", 0),
            Effect::Ring { leg, .. } => (leg.uuid(), "ring", 0),
            Effect::TakeMessage { voicemail, .. } => (voicemail.uuid(), "message", 0),
            Effect::Camp { .. }
            | Effect::Attend { .. }
            | Effect::Record { .. }
            | Effect::Notify { .. }
            | Effect::Remind { .. }
            | Effect::Debug { .. } => return true,
        };
        self.begun.insert(name)
    }

    /// Says whether somebody outside was rung because an agent handed the caller on.
    pub(super) fn is_outside(&self, leg: LegId) -> bool {
        self.outside.contains(&leg)
    }

    fn silent_from(&self, leg: LegId, now: Timestamp) -> Timestamp {
        self.hears_until.get(&leg).copied().unwrap_or(now).max(now)
    }
}

impl Line {
    // Whatever is played on a leg is played one after the other.
    fn hear(
        &mut self,
        call: CallId,
        (step, nth): (StepId, Nth),
        (leg, say): (LegId, Say),
        at: Timestamp,
        does: &mut Reaction,
    ) {
        let (prompt, length) = match say {
            Say::Text(text) | Say::Markup(text) => {
                let letters = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
                let text = Text::new(&text).unwrap_or_else(|_| Text::new("a text").expect("a short text"));
                let text = Value::Plain(text);
                (Prompt::Speech { text }, Millis(LETTER.0.saturating_mul(letters)))
            }
            Say::Sound(sound) => (Prompt::Sound { sound }, SOUND),
        };
        let from = self.on_line.silent_from(leg, at);
        let until = from.plus(length);
        self.on_line.hears_until.insert(leg, until);
        let playing = Playing {
            leg,
            prompt: prompt.clone(),
            from,
            until,
        };
        self.on_line.playing.insert((step, nth), playing);
        let heard = prompt::Command::Play {
            step,
            nth,
            leg,
            prompt,
            heard_ms: length,
            interrupted: false,
            at: until,
        };
        does.report(call, "heard", call::Command::Prompt(heard), until);
    }

    // Half of those who press something do not listen to the end.
    fn press(
        &mut self,
        call: CallId,
        (step, nth): (StepId, Nth),
        (leg, keys): (LegId, &AskedKeys),
        chance: Chance,
        at: Timestamp,
        does: &mut Reaction,
    ) {
        let turn = self.on_line.pressed;
        self.on_line.pressed += 1;
        let chance = chance.about("press", turn as u64);
        let pressed = self.caller.keys.get(turn).cloned().unwrap_or_default();
        let silent = self.on_line.silent_from(leg, at);
        let thinks = chance.about("thinks", 0).exponential(Millis(1_500));
        let impatient = keys.barge_in && !pressed.is_empty() && chance.about("impatient", 0).per_mille(500);
        let when = match (pressed.is_empty(), impatient) {
            (true, _) => silent.plus(keys.first),
            (false, false) => silent.plus(Millis(thinks.0.min(keys.first.0.saturating_sub(1)))),
            (false, true) => at.plus(Millis(1_000 + thinks.0)).min(silent),
        };
        if when < silent {
            self.cut_short(call, step, when, does);
        }
        let known = Digits::new(&pressed).ok().filter(|_| !keys.secret);
        let person = PersonId::new(numbered(9, self.caller.customer % 1_000));
        let collected = prompt::Command::Collect {
            step,
            nth,
            outcome: keys.judge(&pressed),
            digits: known.map(|digits| Private::new(person, digits)),
            at: when,
        };
        does.report(call, "keys", call::Command::Prompt(collected), when);
    }

    // Of what a step plays, the part that is just heard ends, and what would follow is not heard.
    fn cut_short(&mut self, call: CallId, step: StepId, when: Timestamp, does: &mut Reaction) {
        let of_step = self.on_line.playing.iter();
        let of_step = of_step.filter(|((of, _), playing)| *of == step && when < playing.until);
        let ending: Vec<_> = of_step.map(|(name, playing)| (*name, playing.clone())).collect();
        for (
            (step, nth),
            Playing {
                leg, prompt, from, ..
            },
        ) in ending
        {
            self.on_line.hears_until.insert(leg, when);
            self.on_line.cut.insert((step, nth));
            if from <= when {
                let heard = prompt::Command::Play {
                    step,
                    nth,
                    leg,
                    prompt,
                    heard_ms: when.since(from),
                    interrupted: true,
                    at: when,
                };
                does.report(call, "cut", call::Command::Prompt(heard), when);
            }
        }
    }

    // The CRM knows customers by their number. It fails now and then, and now and then it does not answer at all.
    fn ask_crm(
        &self,
        call: CallId,
        step: StepId,
        (at, deadline): (Timestamp, Timestamp),
        chance: Chance,
        does: &mut Reaction,
    ) {
        let chance = chance.about("crm", step.uuid().as_u64_pair().1);
        let when = at.plus(Millis(50 + chance.about("takes", 0).exponential(Millis(120)).0));
        let mood = chance.about("mood", 0).below(1_000);
        if when >= deadline || mood < FAILS {
            return;
        }
        let person = PersonId::new(numbered(9, self.caller.customer % 1_000));
        let outcome = match self.caller.tier {
            _ if mood < 2 * FAILS => LookupOutcome::Error {
                reason: Key::new("REQUEST_LIMIT_EXCEEDED").expect("a word"),
            },
            Some(tier) => LookupOutcome::Found {
                records: 1,
                fields: Few::first([Field {
                    name: Text::new("Tier").expect("a short text"),
                    value: Private::new(person, Text::new(tier).expect("a short text")),
                }]),
            },
            None => LookupOutcome::NotFound,
        };
        let answer = lookup::Command::TakeAnswer {
            step,
            outcome,
            at: when,
        };
        does.report(call, "crm", call::Command::Lookup(answer), when);
    }

    /// Rings somebody outside to whom an agent hands the caller on.
    pub(super) fn ring_outside(
        &mut self,
        call: CallId,
        leg: LegId,
        when: (Timestamp, Timestamp),
        chance: Chance,
        does: &mut Reaction,
    ) {
        self.on_line.outside.insert(leg);
        self.ring_far_end(call, leg, when, chance, does);
    }

    // Most of those who are rung answer, some are on another call, and some do not hear it.
    fn ring_far_end(
        &mut self,
        call: CallId,
        leg: LegId,
        (at, until): (Timestamp, Timestamp),
        chance: Chance,
        does: &mut Reaction,
    ) {
        self.on_line.rung.insert(leg);
        let chance = chance.about("far-end", leg.uuid().as_u64_pair().1);
        let soon = at.plus(Millis(500));
        let when = soon.plus(chance.about("hand", 0).exponential(FAR_END));
        let (rings, busy, answers) = (
            leg::Command::Ring { leg, at: soon },
            leg::Command::End {
                leg,
                cause: LegCause::Busy,
                at: soon,
            },
            leg::Command::Answer { leg, at: when },
        );
        match chance.about("mood", 0).below(1_000) {
            mood if mood < 200 => does.report(call, "busy", call::Command::Leg(busy), soon),
            mood => {
                does.report(call, "far-end-rings", call::Command::Leg(rings), soon);
                if mood < 800 && when < until {
                    does.report(call, "far-end", call::Command::Leg(answers), when);
                }
            }
        }
    }
}
