//! What the owners of queues want: what they say to their queues, and who hears of it.

use std::collections::VecDeque;

use domain_model::Millis;
use domain_model::context::{Actor, Context};
use domain_model::ids::{CommandId, QueueId};
use domain_model::matcher::Output;
use domain_model::process::{AnyCommand, AnyRejection};
use domain_model::queue;
use domain_model::text::Key;

use super::agenda::{Act, Said};
use super::reader::{Reader, Role, tenant};
use super::{Decided, Stage};

impl Stage<'_> {
    /// Lets an owner say what it wants of its queue. Its word may be lost on the way for a while, and nobody tells it.
    pub(super) fn rule(&mut self, place: usize) -> bool {
        let now = self.now;
        let Role::Owner(owner, _) = &mut self.readers[place].role else {
            return false;
        };
        let queue = owner.queue();
        let decided = owner.decide(now);
        self.tell(place, &decided);
        let mut wanted: VecDeque<_> = decided.into();
        let acted = !wanted.is_empty();
        while let Some(output) = wanted.pop_front() {
            match output {
                Output::Command(command) => {
                    let instead = self.rule_on(place, queue, command);
                    self.tell(place, &instead);
                    wanted.extend(instead);
                    // The node is gone between two commands, and another begins anew.
                    self.places += 1;
                    let chance = self.chance.about("stop-owner", self.places);
                    if chance.per_mille(self.faults.stops) {
                        self.restart_reader(place, chance.bits());
                        return true;
                    }
                }
                Output::Announce {
                    entry,
                    nth,
                    announcement,
                } => {
                    let told = self
                        .telephones()
                        .map(|all| all.announce(entry, nth, announcement, now));
                    told.into_iter().for_each(|reaction| self.react(reaction));
                }
                Output::OfferCallback { entry } => {
                    let asked = self.telephones().map(|all| all.offer_callback(entry, now));
                    asked.into_iter().for_each(|reaction| self.react(reaction));
                }
            }
        }
        let reader = &mut self.readers[place];
        reader.stuck = !acted && reader.due().is_some_and(|due| due <= now);
        acted
    }

    // Says an owner's command and returns what follows if the queue says no.
    fn rule_on(&mut self, place: usize, queue: QueueId, command: queue::Command) -> Vec<Output> {
        let now = self.now;
        let Role::Owner(_, count) = &mut self.readers[place].role else {
            return Vec::new();
        };
        *count += 1;
        let chance = self.chance.about("owner", ((place as u64) << 40) | *count);
        let said = Said {
            context: Context {
                command: CommandId::new(chance.uuid()),
                tenant: tenant(),
                actor: Actor::System(Key::new("matcher").expect("a short name")),
                time: now,
                journey: None,
                cause: None,
            },
            what: AnyCommand::Queue(queue, command.clone()),
        };
        if chance.about("late", 0).per_mille(self.faults.late) {
            let late = Millis(chance.about("late-by", 0).below(self.faults.late_by.0));
            self.later(now.plus(late), Act::Say(Box::new(said)));
        } else if let Err(AnyRejection::Queue(why)) = self.say(said)
            && let Role::Owner(owner, _) = &mut self.readers[place].role
        {
            let instead = owner.refused(&command, &why, now);
            self.watch.refused(queue, owner.node(), &command, now);
            return instead;
        }
        Vec::new()
    }

    // Whoever looks on hears of a decision when they have seen all that it was made by.
    fn tell(&mut self, place: usize, wanted: &[Output]) {
        if wanted.is_empty() {
            return;
        }
        self.show();
        let Reader {
            role: Role::Owner(owner, _),
            seen,
            ..
        } = &self.readers[place]
        else {
            return;
        };
        self.watch.decides(&Decided {
            platform: &self.platform,
            heard: *seen,
            queue: owner.queue(),
            node: owner.node(),
            wanted,
            at: self.now,
        });
    }
}
