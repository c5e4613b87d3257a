//! Plays a plan: one thread, one clock that is moved from one thing that happens to the next.

mod agenda;
mod breaking;
mod reader;
mod ruling;

use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;

use domain_model::call;
use domain_model::contact::Contact;
use domain_model::context::{Actor, Context};
use domain_model::ids::{CallId, CommandId, QueueId};
use domain_model::interpreter;
use domain_model::matcher::Output;
use domain_model::process::{AnyCommand, AnyRejection, Order};
use domain_model::queue::{self, Departure, EntryCommand, SetupCommand};
use domain_model::text::Key;
use domain_model::{Millis, Timestamp};

use crate::chance::Chance;
use crate::owner::Owner;
use crate::plan::{Faults, Moment, Plan, What};
use crate::platform::{Platform, Recorded};
use crate::router::Router;
use crate::telephones::{Reaction, Telephones, admin};
use agenda::{Act, Item, Said};
use reader::{Reader, Role, journey, processes, tenant};

/// How many times whoever follows may act at one moment before that is called spinning.
const TURNS_MAX: u32 = 10_000;
/// How long after the last thing planned everything must have come to rest.
const REST: Millis = Millis::from_secs(24 * 3600);

/// Who looks on: a check, a count, a printer.
pub trait Watch {
    /// Hears what somebody says, before it is decided.
    fn hear(&mut self, context: &Context, what: &AnyCommand) {
        let _ = (context, what);
    }
    /// Hears what an owner decides, before the queue does.
    fn decides(&mut self, decided: &Decided<'_>) {
        let _ = decided;
    }
    /// Hears that an owner was told at a moment that the queue refused a command.
    fn refused(&mut self, queue: QueueId, node: &Key, command: &queue::Command, now: Timestamp) {
        let _ = (queue, node, command, now);
    }
    /// Sees one event after it was recorded.
    fn see(&mut self, recorded: &Recorded);
    /// Sees the platform when nothing more follows at a moment and everybody knows everything.
    fn rest(&mut self, platform: &Platform, now: Timestamp) {
        let _ = (platform, now);
    }
}

/// What the owner of a queue, or who takes themselves for it, decides at a moment.
#[derive(Clone, Copy)]
pub struct Decided<'a> {
    /// The platform as it is at this moment.
    pub platform: &'a Platform,
    /// How many events of the log the owner had heard. Those that followed are of its own commands.
    pub heard: u64,
    /// The queue.
    pub queue: QueueId,
    /// The owner.
    pub node: &'a Key,
    /// What it wants, in order.
    pub wanted: &'a [Output],
    /// When.
    pub at: Timestamp,
}

/// Why a play broke off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// At one moment there was no end of orders.
    Spins {
        /// Who gave them.
        who: String,
        /// When.
        at: Timestamp,
    },
    /// Long after everything planned something still was to happen.
    NeverRests {
        /// Who waits for what.
        who: String,
        /// For when.
        at: Timestamp,
    },
    /// A process folded again, or read back from its snapshot, knew something else than before.
    Forgets {
        /// Which.
        who: String,
        /// When.
        at: Timestamp,
    },
}

/// Returns the names of all processes that run.
#[cfg(test)]
pub(crate) fn process_names() -> Vec<&'static str> {
    processes().iter().map(|process| process.name()).collect()
}

/// A stage on which a plan is played.
pub struct Stage<'a> {
    platform: Platform,
    now: Timestamp,
    chance: Chance,
    faults: Faults,
    agenda: BinaryHeap<Item>,
    places: u64,
    readers: Vec<Reader>,
    watched: u64,
    watch: &'a mut dyn Watch,
    broken: Option<Broken>,
    is_long: bool,
    is_closed: bool,
    // How often anybody acted at this moment.
    turns: u32,
}

/// Plays a plan to its end.
///
/// # Errors
/// [`Broken`] if it comes to none.
pub fn play(plan: &Plan, watch: &mut dyn Watch) -> Result<Platform, Broken> {
    let moments = plan.moments.iter().cloned();
    let mut stage = Stage::new(plan, false, watch);
    stage.run(moments)?;
    Ok(stage.platform)
}

/// Plays a plan with moments that are made on the way, and keeps neither the log nor what is over.
///
/// # Errors
/// [`Broken`] if it comes to no end.
pub fn play_long(
    plan: &Plan,
    moments: impl IntoIterator<Item = Moment>,
    watch: &mut dyn Watch,
) -> Result<Platform, Broken> {
    let mut stage = Stage::new(plan, true, watch);
    stage.run(moments)?;
    Ok(stage.platform)
}

impl<'a> Stage<'a> {
    fn new(plan: &Plan, is_long: bool, watch: &'a mut dyn Watch) -> Self {
        let telephones = Telephones::new(plan.chance.about("telephones", 0), plan.agents.clone());
        let hiring = telephones.hire(plan.begins);
        let mut roles = vec![Role::Telephones(Box::new(telephones))];
        let run = processes()
            .into_iter()
            .filter(|process| plan.without != Some(process.name()));
        roles.extend(run.map(Role::Process));
        roles.push(Role::Router(Box::new(Router::new(Arc::clone(&plan.library)))));
        for queue in plan.queues.keys() {
            for node in 0..plan.faults.nodes {
                roles.push(Role::Owner(Box::new(Owner::new(node, *queue, plan.chance)), 0));
            }
        }
        let readers = roles.into_iter().map(|role| Reader {
            role,
            seen: 0,
            asleep: None,
            awoken: false,
            stuck: false,
            begins: false,
        });
        let mut stage = Self {
            platform: Platform::default(),
            now: plan.begins,
            chance: plan.chance.about("stage", 0),
            faults: Faults::NONE,
            agenda: BinaryHeap::new(),
            places: 0,
            readers: readers.collect(),
            watched: 0,
            watch,
            broken: None,
            is_long,
            is_closed: false,
            turns: 0,
        };
        for what in &plan.founding {
            stage.by_person("founding", what.clone());
        }
        for (queue, settings) in &plan.queues {
            let configure = SetupCommand::Configure {
                settings: Box::new(settings.clone()),
                by: admin(),
                at: plan.begins,
            };
            stage.by_person("configure", AnyCommand::Queue(*queue, configure.into()));
        }
        stage.react(hiring);
        stage.faults = plan.faults;
        stage
    }

    fn run(&mut self, moments: impl IntoIterator<Item = Moment>) -> Result<(), Broken> {
        let mut moments = moments.into_iter().peekable();
        let mut last = self.now;
        self.settle()?;
        loop {
            let next = moments.peek().map(|moment| moment.at);
            let Some(at) = [next, self.agenda.peek().map(|item| item.at), self.due()]
                .into_iter()
                .flatten()
                .min()
            else {
                return Ok(());
            };
            if next.is_none() && at > last.plus(REST) {
                return Err(self.never_rests());
            }
            if at > self.now {
                (self.now, self.turns) = (at, 0);
            }
            while let Some(moment) = moments.next_if(|moment| moment.at <= self.now) {
                last = self.now;
                self.happen(&moment.what);
            }
            if moments.peek().is_none() {
                self.close();
            }
            while let Some(item) = self.take_due() {
                self.act(item.act);
            }
            self.settle()?;
        }
    }

    fn take_due(&mut self) -> Option<Item> {
        let due = self.agenda.peek().is_some_and(|item| item.at <= self.now);
        due.then(|| self.agenda.pop()).flatten()
    }

    // Once nothing more is planned and nobody waits or talks, nobody has to own the queues.
    fn close(&mut self) {
        let now = self.now;
        let quiet = self.telephones().is_none_or(|telephones| telephones.are_quiet());
        let empty = |queue: &queue::State| queue.line(now).is_empty();
        if self.is_closed || !quiet || !self.platform.queues().values().all(empty) {
            return;
        }
        self.is_closed = true;
        for reader in &mut self.readers {
            if let Role::Owner(owner, _) = &mut reader.role {
                owner.release(now);
                reader.begins = true;
            }
        }
    }

    fn due(&self) -> Option<Timestamp> {
        let awake = self
            .readers
            .iter()
            .filter(|reader| reader.asleep.is_none() && !reader.stuck);
        awake.filter_map(Reader::due).min()
    }

    fn never_rests(&self) -> Broken {
        let due = |reader: &Reader| Some((reader.due()?, reader.name()));
        let first = self.readers.iter().filter_map(due).min();
        let (at, who) = first.unwrap_or((self.now, "somebody with a telephone".to_owned()));
        Broken::NeverRests { who, at }
    }

    fn happen(&mut self, what: &What) {
        match what {
            What::Restart { process } => self.restart(*process),
            What::RestartOwner { owner } => self.restart_one_owner(*owner),
            What::Freeze { node, during } => self.freeze(*node, *during),
            What::CancelCallbacks => self.cancel_callbacks(),
            What::Ring(_)
            | What::Write(_)
            | What::SignIn(_)
            | What::SignOut(_)
            | What::Away(_)
            | What::Back(_)
            | What::AwayLater(_)
            | What::BackLater(_)
            | What::DeviceLost(_)
            | What::DeviceBack(_) => {
                let now = self.now;
                let reaction = self.telephones().map(|telephones| telephones.happen(what, now));
                reaction.into_iter().for_each(|reaction| self.react(reaction));
            }
        }
    }

    fn cancel_callbacks(&mut self) {
        let now = self.now;
        let all = self.platform.queues().iter().flat_map(|(id, queue)| {
            let line = queue.line(now).into_iter();
            let kept = line.filter(|entry| {
                let entry = queue.entry(*entry);
                entry.is_some_and(|entry| matches!(entry.contact, Contact::Callback(_)))
            });
            kept.map(|entry| (*id, entry))
        });
        for (queue, entry) in all.collect::<Vec<_>>() {
            let why = Departure::CallbackCancelled { by: admin() };
            let leave = EntryCommand::Leave { entry, why, at: now };
            self.by_person("cancel", AnyCommand::Queue(queue, leave.into()));
        }
    }

    fn telephones(&mut self) -> Option<&mut Telephones> {
        match self.readers.first_mut().map(|reader| &mut reader.role) {
            Some(Role::Telephones(telephones)) => Some(telephones),
            Some(Role::Process(_) | Role::Router(_) | Role::Owner(..)) | None => None,
        }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Say(said) => {
                let _ = self.record(*said);
            }
            Act::Do(deed) => {
                let now = self.now;
                let reaction = self.telephones().map(|telephones| telephones.act(&deed, now));
                reaction.into_iter().for_each(|reaction| self.react(reaction));
            }
            Act::Wake(reader) => {
                let reader = &mut self.readers[reader];
                (reader.asleep, reader.awoken) = (None, true);
            }
        }
    }

    fn later(&mut self, at: Timestamp, act: Act) {
        self.places += 1;
        let place = self.places;
        self.agenda.push(Item { at, place, act });
    }

    fn react(&mut self, reaction: Reaction) {
        for (word, what) in reaction.say {
            self.by_person(word, what);
        }
        for (at, deed) in reaction.later {
            self.later(at.max(self.now), Act::Do(deed));
        }
    }

    // What people and networks say may come late, or twice.
    fn by_person(&mut self, word: &'static str, what: AnyCommand) {
        self.places += 1;
        let chance = self.chance.about(word, self.places);
        let context = Context {
            command: CommandId::new(chance.uuid()),
            tenant: tenant(),
            actor: Actor::System(Key::new("gateway").expect("a short name")),
            time: self.now,
            journey: journey(&what),
            cause: None,
        };
        let said = Said { context, what };
        if chance.about("late", 0).per_mille(self.faults.late) {
            let late = Millis(chance.about("late-by", 0).below(self.faults.late_by.0));
            self.later(self.now.plus(late), Act::Say(Box::new(said)));
        } else {
            let _ = self.say(said);
        }
    }

    fn say(&mut self, said: Said) -> Result<usize, AnyRejection> {
        let chance = self
            .chance
            .about("repeat", said.context.command.uuid().as_u64_pair().1);
        if chance.per_mille(self.faults.repeats) {
            let later = Millis(chance.about("later", 0).below(60_000));
            self.later(self.now.plus(later), Act::Say(Box::new(said.clone())));
        }
        self.record(said)
    }

    fn record(&mut self, said: Said) -> Result<usize, AnyRejection> {
        let Said { context, what } = said;
        self.watch.hear(&context, &what);
        self.platform.say(&context, what)
    }

    // Lets everybody follow until nothing more comes of it at this moment.
    fn settle(&mut self) -> Result<(), Broken> {
        loop {
            let mut acted = false;
            for place in 0..self.readers.len() {
                while self.turn(place) {
                    acted = true;
                    self.turns += 1;
                    if self.turns > TURNS_MAX {
                        let who = self.readers[place].name();
                        return Err(Broken::Spins { who, at: self.now });
                    }
                }
            }
            self.show();
            if let Some(broken) = self.broken.take() {
                return Err(broken);
            }
            if !acted {
                break;
            }
        }
        if self
            .readers
            .iter()
            .all(|reader| reader.asleep.is_none() && reader.seen == self.platform.end())
        {
            self.watch.rest(&self.platform, self.now);
        }
        Ok(())
    }

    fn show(&mut self) {
        while let Some(recorded) = self.platform.at(self.watched) {
            self.watch.see(recorded);
            self.watched += 1;
        }
        if self.is_long {
            let seen = self.readers.iter().map(|reader| reader.seen).min();
            let all = seen.unwrap_or(self.watched).min(self.watched);
            self.platform.forget_until(all);
        }
    }

    // One reader catches up and does one round of what follows. Says whether it did anything.
    fn turn(&mut self, place: usize) -> bool {
        let (now, end) = (self.now, self.platform.end());
        let reader = &mut self.readers[place];
        if reader.asleep.is_some() {
            return false;
        }
        let news = reader.seen < end;
        if news && self.faults.lag > Millis(0) && !self.is_fresh(place) {
            return false;
        }
        let reader = &mut self.readers[place];
        let is_due = reader.due().is_some_and(|due| due <= now) && !reader.stuck;
        if !news && !is_due && !std::mem::take(&mut reader.begins) {
            return false;
        }
        reader.begins = false;
        let (mut reactions, mut wanted) = (Vec::new(), Vec::new());
        while let Some(recorded) = self.platform.at(reader.seen) {
            reader.seen += 1;
            match &mut reader.role {
                Role::Telephones(telephones) => reactions.push(telephones.hear(&recorded.happened, now)),
                Role::Process(follower) => follower.fold(&recorded.happened),
                Role::Router(router) => wanted.extend(router.hear(&recorded.happened, now)),
                Role::Owner(owner, _) => owner.fold(&recorded.happened),
            }
        }
        reader.stuck = false;
        let acted = !reactions.is_empty();
        reactions.into_iter().for_each(|reaction| self.react(reaction));
        let orders = match &mut self.readers[place].role {
            Role::Telephones(_) => return acted,
            Role::Process(follower) => follower.orders(now),
            Role::Router(router) => {
                wanted.extend(router.look(now));
                return self.route(place, wanted);
            }
            Role::Owner(..) => return self.rule(place),
        };
        let reader = &mut self.readers[place];
        reader.stuck = orders.is_empty() && reader.due().is_some_and(|due| due <= now);
        self.follow(place, orders)
    }

    fn follow(&mut self, place: usize, orders: Vec<Order>) -> bool {
        let given = !orders.is_empty();
        for order in orders {
            let mut next = vec![order];
            while let Some(order) = next.pop() {
                let said = Said {
                    context: order.context(self.now),
                    what: order.what.clone(),
                };
                let answer = self.say(said);
                if let Role::Process(follower) = &mut self.readers[place].role {
                    next.extend(follower.take(&order, &answer));
                }
            }
            // The node is gone between two orders, and another begins anew.
            self.places += 1;
            let chance = self.chance.about("stop", self.places);
            if chance.per_mille(self.faults.stops) {
                self.restart_reader(place, place as u64 - 1);
                return true;
            }
        }
        given
    }

    // Does what routing policies want, in order. A command that is refused came too late, or is wanted again.
    fn route(&mut self, place: usize, wanted: Vec<(CallId, interpreter::Output)>) -> bool {
        let now = self.now;
        let acted = !wanted.is_empty();
        let mut wanted: VecDeque<_> = wanted.into();
        while let Some((call, output)) = wanted.pop_front() {
            match output {
                interpreter::Output::Command(command) => {
                    let _ = self.say_for_policy(call, *command);
                }
                interpreter::Output::Effect(effect) => {
                    let done = self.telephones().map(|all| all.perform(call, *effect, now));
                    done.into_iter().for_each(|reaction| self.react(reaction));
                }
            }
            self.places += 1;
            let chance = self.chance.about("stop-router", self.places);
            if chance.per_mille(self.faults.stops) {
                wanted = self.restart_reader(place, chance.bits()).into();
            }
        }
        let reader = &mut self.readers[place];
        reader.stuck = !acted && reader.due().is_some_and(|due| due <= now);
        acted
    }

    fn say_for_policy(&mut self, call: CallId, command: call::Command) -> Result<usize, AnyRejection> {
        self.places += 1;
        let what = AnyCommand::Call(call, command);
        let context = Context {
            command: CommandId::new(self.chance.about("policy", self.places).uuid()),
            tenant: tenant(),
            actor: Actor::System(Key::new("routing-policy").expect("a short name")),
            time: self.now,
            journey: journey(&what),
            cause: None,
        };
        self.say(Said { context, what })
    }
}
