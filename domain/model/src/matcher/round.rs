//! Rounds: after each change, who is offered what now.
//!
//! At the end of a round no entry and agent are left of which one could be offered the other. So the next round looks
//! only at the entries of which there is news, with all agents, and at the agents of whom there is news, with all
//! entries: whatever else could be offered would have been before.

use super::choice::{Choice, choose, evidence};
use super::desk::Booking;
use super::floor::Floor;
use super::line::Line;
use super::score::Scale;
use super::wait::{Proposed, REFUSAL_PAUSE, Wait};
use super::{Matcher, Output};
use crate::Timestamp;
use crate::few::Few;
use crate::ids::{AgentId, EntryId, OfferId};
use crate::queue::{self, Chosen, Command, FencingToken, OwnerCommand, Proposal, Rejection, Settings};

impl Matcher {
    /// Decides what follows from what is known at a moment.
    pub(super) fn decide(&mut self, now: Timestamp) {
        if !self.is_live || self.queue.settings().is_err() {
            return;
        }
        let asked = self.owner.asks(self.queue.lease(), now);
        self.outputs.extend(asked.map(Output::Command));
        let Some(token) = self.owner.holds(self.queue.lease(), now) else {
            return;
        };
        self.day.advance(now);
        self.floor.wake(now);
        for entry in self.line.due_by(now) {
            self.lapse(entry, now);
            self.read(entry, now);
        }
        self.line.wake_of(&self.floor.news);
        self.absence.note(&self.floor, now);
        let news: Vec<EntryId> = self.line.news.iter().copied().collect();
        self.expel(token, &news, now);
        self.offer(token, now);
        for entry in news {
            self.tell(entry, now);
        }
        let rules = self.queue.settings().ok().map(|(settings, _)| &settings.waiting);
        self.absent_until = rules.and_then(|rules| self.absence.due(rules, now));
    }

    // A decision that nobody answered in its time was not made.
    fn lapse(&mut self, entry: EntryId, now: Timestamp) {
        let proposed = self.line.get(entry).and_then(|wait| wait.proposed.clone());
        let Some(proposed) = proposed.filter(|proposed| proposed.until <= now) else {
            return;
        };
        self.line.change(entry, |wait| wait.proposed = None);
        for (offer, agent) in proposed.offers {
            self.floor.unbook(agent, offer);
        }
    }

    fn offer(&mut self, token: FencingToken, now: Timestamp) {
        let Self {
            queue, line, floor, ..
        } = self;
        let Ok((settings, version)) = queue.settings() else {
            return;
        };
        let agents = std::mem::take(&mut floor.news);
        let entries = std::mem::take(&mut line.news);
        let mut unseen = entries.len();
        let mut open: Vec<usize> = agents
            .iter()
            .filter_map(|agent| open(floor, *agent, now))
            .collect();
        let Line { order, due, .. } = line;
        for wait in order.values_mut() {
            if open.is_empty() && unseen == 0 {
                break;
            }
            let is_news = entries.contains(&wait.entry);
            unseen -= usize::from(is_news);
            let could = |place: &usize| floor.desks[*place].is_free_for(wait, now);
            if !wait.may_be_offered(now) || !is_news && !open.iter().any(could) {
                continue;
            }
            let scale = Scale {
                strategy: settings.strategy,
                day: &self.day,
                seed: self.seed,
                round: floor.round(),
                at: now,
            };
            let Some(choice) = choose(wait, floor, &scale, settings.offers.last_agent.is_some()) else {
                continue;
            };
            let Some(proposal) = propose(queue, (settings, version), wait, floor, &scale, &choice) else {
                continue;
            };
            let was_due = wait.next;
            hold(wait, floor, &proposal);
            due.extend(wait.next.map(|next| (next, wait.entry)));
            if let Some(was_due) = was_due.filter(|_| was_due != wait.next) {
                due.remove(&(was_due, wait.entry));
            }
            open.retain(|place| floor.desks[*place].is_open(now));
            self.outputs.push_back(Output::Command(Command::Owner {
                token,
                command: OwnerCommand::Reserve(proposal),
                at: now,
            }));
        }
    }
}

fn open(floor: &Floor, agent: AgentId, now: Timestamp) -> Option<usize> {
    let (place, desk) = floor.find(agent)?;
    desk.is_open(now).then_some(place)
}

fn propose(
    queue: &queue::State,
    (settings, version): (&Settings, u32),
    wait: &Wait,
    floor: &Floor,
    scale: &Scale<'_>,
    choice: &Choice,
) -> Option<Proposal> {
    let ask = queue.ask(wait.entry, scale.at)?;
    let evidence = evidence(wait, floor, scale, &ask, choice);
    let chosen = choice.chosen.iter().map(|place| {
        let agent = floor.desks[*place].agent;
        let offer = offer_id(wait, agent);
        Chosen { offer, agent }
    });
    Some(Proposal {
        entry: wait.entry,
        chosen: Few::first(chosen),
        candidates: evidence.candidates,
        considered: evidence.considered,
        settings: version,
        until: settings.offer_until(scale.at),
    })
}

// The same decision has the same offers, whoever makes it and however often.
fn offer_id(wait: &Wait, agent: AgentId) -> OfferId {
    OfferId::new(wait.entry.derive(&format!("offer/{agent}/{}", wait.decisions)))
}

// Until the queue and the agents have said so themselves, what is handed in counts as decided.
fn hold(wait: &mut Wait, floor: &mut Floor, proposal: &Proposal) {
    for Chosen { offer, agent } in proposal.chosen.iter().copied() {
        let (entry, channel, units) = (wait.entry, wait.channel, wait.units);
        floor.book(
            agent,
            Booking {
                offer,
                entry,
                channel,
                units,
            },
        );
        floor.offered_last = Some(agent);
    }
    let until = proposal.until;
    wait.proposed = Some(Proposed {
        offers: proposal.chosen.iter().map(|one| (one.offer, one.agent)).collect(),
        until,
    });
    wait.next = Some(wait.next.map_or(until, |next| next.min(until)));
}

impl Matcher {
    /// Takes back what was held for a command that the queue refused.
    pub(super) fn take_back(&mut self, command: &Command, why: &Rejection, now: Timestamp) {
        if let Rejection::StaleToken { .. } | Rejection::LeaseOver { .. } = why {
            self.owner.doubt(now);
        }
        let Command::Owner {
            command: OwnerCommand::Reserve(refused),
            ..
        } = command
        else {
            return;
        };
        let offers: Vec<(OfferId, AgentId)> =
            refused.chosen.iter().map(|one| (one.offer, one.agent)).collect();
        let ours = self
            .line
            .get(refused.entry)
            .and_then(|wait| wait.proposed.as_ref());
        if ours.is_none_or(|proposed| proposed.offers != offers) {
            return;
        }
        for (offer, agent) in offers {
            self.floor.unbook(agent, offer);
        }
        self.line.change(refused.entry, |wait| {
            wait.proposed = None;
            wait.paused_until = Some(now.plus(REFUSAL_PAUSE));
        });
        self.read(refused.entry, now);
    }
}
