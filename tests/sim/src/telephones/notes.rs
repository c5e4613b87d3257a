//! Notes: what agents write after a contact, the codes that they give or forget, and the time that they take.

use domain_model::agent::{Chooser, Event, Holding, WrapUpCommand};
use domain_model::contact::Contact;
use domain_model::ids::{AgentId, UserId, WrapUpCodeId};
use domain_model::{Millis, Timestamp};

use super::{Deed, Reaction, Telephones};
use crate::plan::numbered;

/// How much longer somebody wants for their notes.
const LONGER: Millis = Millis::from_secs(15);
/// How long it takes on average until somebody sees that they forgot the code.
const REMEMBERS: Millis = Millis::from_secs(20);
/// How long it takes until a supervisor sees it.
const LOOKS_ROUND: Millis = Millis::from_secs(300);

/// What becomes of notes when its time comes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum NotesDeed {
    // The agent is done, and gives the code where one is asked for.
    Close { code: bool },
    // They want more time.
    Extend { until: Timestamp },
    // A supervisor sees to them.
    End,
}

impl Reaction {
    fn notes_later(&mut self, when: Timestamp, (agent, contact): (AgentId, Contact), deed: NotesDeed) {
        let deed = Deed::Notes { agent, contact, deed };
        self.later.push((when, deed));
    }
}

impl Telephones {
    /// Takes note of how an agent came to have something in hand, by which its code is known to be about it.
    pub(super) fn note_holding(&mut self, agent: AgentId, event: &Event) {
        if let Event::Reserved { offer, contact, .. } = event {
            self.holdings.insert((agent, *contact), Holding::Offered(*offer));
        }
        if let Event::Begun { contact, at, .. } = event {
            self.holdings.insert((agent, *contact), Holding::Begun(*at));
        }
        if let Event::RangBack { callback, call, .. } = event
            && let Some(holding) = self.holdings.remove(&(agent, Contact::Callback(*callback)))
        {
            self.holdings.insert((agent, Contact::Call(*call)), holding);
        }
        if let Event::Released { contact, .. } = event {
            self.holdings.remove(&(agent, *contact));
        }
    }

    /// Notes are begun. Some want more time for them, and some forget the code that they must give.
    pub(super) fn begin_notes(
        &self,
        agent: AgentId,
        contact: Contact,
        (until, code): (Timestamp, bool),
        at: Timestamp,
        does: &mut Reaction,
    ) {
        let Some(person) = self.people.get(&agent) else {
            return;
        };
        let chance = self.chance.about("notes", at.micros().unsigned_abs());
        let when = at.plus(chance.exponential(person.notes));
        if chance.about("extends", 0).per_mille(person.extends) {
            let until = until.plus(LONGER);
            let half = at.plus(Millis(when.since(at).0 / 2));
            does.notes_later(half, (agent, contact), NotesDeed::Extend { until });
        }
        let forgets = code && chance.about("forgets", 0).per_mille(person.forgets);
        if !forgets {
            does.notes_later(when, (agent, contact), NotesDeed::Close { code });
        }
    }

    /// The time for notes is over and the code is missing. Some see it soon, some want more time, and some never look,
    /// so that a supervisor sees to it.
    pub(super) fn miss_code(&self, agent: AgentId, contact: Contact, at: Timestamp, does: &mut Reaction) {
        let chance = self.chance.about("no-code", at.micros().unsigned_abs());
        let when = at.plus(chance.exponential(REMEMBERS));
        let of = (agent, contact);
        let mood = chance.about("mood", 0).below(1000);
        if mood < 200 {
            let until = when.plus(LONGER);
            does.notes_later(when, of, NotesDeed::Extend { until });
        }
        if mood < 900 {
            let soon = when.plus(Millis::from_secs(1));
            does.notes_later(soon, of, NotesDeed::Close { code: true });
        } else {
            does.notes_later(at.plus(LOOKS_ROUND), of, NotesDeed::End);
        }
    }

    /// Does about notes what somebody meant to.
    pub(super) fn act_on_notes(
        &self,
        (agent, contact): (AgentId, Contact),
        deed: NotesDeed,
        at: Timestamp,
        does: &mut Reaction,
    ) {
        let end = |by| WrapUpCommand::End { contact, by, at };
        match deed {
            NotesDeed::Close { code } => {
                let holding = self.holdings.get(&(agent, contact)).filter(|_| code);
                if let Some(holding) = holding.copied() {
                    let code = WrapUpCodeId::new(numbered(22, 1));
                    let dispose = WrapUpCommand::Dispose {
                        contact,
                        holding,
                        code,
                        at,
                    };
                    does.agent("code", agent, dispose);
                }
                does.agent("close-notes", agent, end(Chooser::Agent));
            }
            NotesDeed::Extend { until } => {
                let by = Chooser::Agent;
                let extend = WrapUpCommand::Extend {
                    contact,
                    until,
                    by,
                    at,
                };
                does.agent("extend-notes", agent, extend);
            }
            NotesDeed::End => {
                let by = Chooser::Supervisor(UserId::new(numbered(8, 2)));
                does.agent("end-notes", agent, end(by));
            }
        }
    }
}
