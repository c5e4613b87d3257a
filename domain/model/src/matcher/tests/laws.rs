//! What holds whatever happens on a floor, in any order.

use super::*;
use crate::agent::{self, Holding, Terms};
use crate::queue::Strategy;
use crate::queue::{Ageing, LastAgent};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::Strategy as _;
use proptest_derive::Arbitrary;

/// What people may do.
#[derive(Debug, Clone, Arbitrary)]
enum Step {
    Enter {
        skilled: bool,
        last_agent: Option<bool>,
        priority: Option<Priority>,
    },
    Come {
        agent: u8,
        backs_up: bool,
        french: Option<SkillLevel>,
        lines: bool,
    },
    Go {
        agent: u8,
    },
    Pause {
        agent: u8,
    },
    Return {
        agent: u8,
    },
    Dial {
        agent: u8,
    },
    Finish {
        agent: u8,
    },
    Answer {
        entry: u8,
    },
    Miss {
        entry: u8,
    },
    Reject {
        entry: u8,
    },
    Blocked {
        entry: u8,
    },
    HangUp {
        entry: u8,
    },
    Abandon {
        entry: u8,
    },
    Front {
        entry: u8,
    },
    Late {
        reserves: bool,
    },
    Configure {
        rules: Rules,
    },
    Pass {
        seconds: u8,
    },
}

#[derive(Debug, Clone, Arbitrary)]
struct Rules {
    strategy: Strategy,
    ages: bool,
    keeps: bool,
    cools: bool,
    notes: bool,
    leaves: bool,
}

fn settings(rules: &Rules) -> Settings {
    let mut settings = plain(rules.strategy);
    let like = queue::sample_settings();
    settings.waiting.ageing = rules.ages.then_some(Ageing {
        every_ms: Millis::from_secs(7),
        by: std::num::NonZeroU8::new(20).expect("not nothing"),
    });
    settings.offers.last_agent = rules.keeps.then_some(LastAgent {
        within_ms: Millis::from_secs(3600),
        wait_ms: Millis::from_secs(25),
    });
    settings.offers.cooldown_ms = rules.cools.then_some(Millis::from_secs(9));
    settings.offers.wrap_up = like.offers.wrap_up.filter(|_| rules.notes);
    settings.waiting.leave_when_nobody_available = rules.leaves;
    settings.waiting.max_wait_ms = rules.leaves.then_some(Millis::from_secs(150));
    settings
}

fn somebody(n: u8) -> AgentId {
    AgentId::new(id(100 + u128::from(n % 5)))
}

/// A floor on which things happen.
struct Day {
    hall: Hall,
    entered: u128,
}

impl Day {
    fn entry(&self, n: u8) -> EntryId {
        // One of the last few.
        let back = u128::from(n % 6) + 1;
        EntryId::new(id(1000 + self.entered.saturating_sub(back)))
    }

    fn play(&mut self, step: &Step) {
        let at = self.hall.now;
        match step {
            Step::Enter {
                skilled,
                last_agent,
                priority,
            } => self.enter(*skilled, *last_agent, *priority),
            Step::Come {
                agent,
                backs_up,
                french,
                lines,
            } => self.come(*agent, *backs_up, *french, *lines),
            Step::Go { agent } => self.say(
                *agent,
                agent::StateCommand::SignOut {
                    by: Chooser::Agent,
                    at,
                },
            ),
            Step::Pause { agent } => self.rest(*agent, StateKind::Away),
            Step::Return { agent } => self.rest(*agent, StateKind::Available),
            Step::Dial { agent } => self.dial(*agent),
            Step::Finish { agent } => {
                let contact = dialled(*agent);
                if let Some(holding) = self.begun(*agent) {
                    let done = agent::WorkCommand::GiveUp { contact, holding, at };
                    self.say(*agent, done);
                }
            }
            Step::Answer { entry } => self.hall.answer(self.entry(*entry)),
            Step::Miss { entry } => self.hall.miss(self.entry(*entry)),
            Step::Reject { entry } => self.hall.fail(self.entry(*entry), OfferFailure::Rejected),
            Step::Blocked { entry } => {
                let obstacles = Few::first([agent::Obstacle::NoDevice]);
                self.hall
                    .fail(self.entry(*entry), OfferFailure::Unavailable { obstacles });
            }
            Step::HangUp { entry } => self.hall.hang_up(self.entry(*entry)),
            Step::Abandon { entry } => {
                let (entry, why) = (self.entry(*entry), queue::Departure::Abandoned);
                let _ = self.hall.try_tell(EntryCommand::Leave { entry, why, at });
            }
            Step::Front { entry } => {
                let (entry, place, by) = (self.entry(*entry), queue::Place::Front, admin());
                let _ = self.hall.try_tell(EntryCommand::Move { entry, place, by, at });
            }
            Step::Late { reserves } => {
                self.hall.reserves = *reserves;
                self.hall.reserve_now();
            }
            Step::Configure { rules } => self.hall.configure(settings(rules)),
            Step::Pass { seconds } => {
                let until = self.hall.now.plus(Millis::from_secs((*seconds % 40).into()));
                self.hall.pass(until);
            }
        }
    }

    fn enter(&mut self, skilled: bool, last_agent: Option<bool>, priority: Option<Priority>) {
        let steps = [(20, Some(SkillLevel::BASIC)), (40, None)];
        let skills = if skilled {
            french(SkillLevel::ADVANCED, &steps)
        } else {
            Few::none()
        };
        let last_agent = last_agent.map(|first| somebody(u8::from(first)));
        let entry = EntryId::new(id(1000 + self.entered));
        self.entered += 1;
        self.hall.enter_with(entry, priority, skills, last_agent);
    }

    fn dial(&mut self, agent: u8) {
        let at = self.hall.now;
        let terms = Terms {
            wrap_up: None,
            cooldown_ms: None,
            set_aside_after: None,
        };
        let begin = agent::WorkCommand::Begin {
            contact: dialled(agent),
            channel: WorkChannel::Voice,
            units: std::num::NonZeroU16::MIN,
            terms,
            at,
        };
        self.say(agent, begin);
    }

    /// Returns which time in hand the last call is that an agent dialled.
    fn begun(&self, agent: u8) -> Option<Holding> {
        let mut log = self.hall.log.iter().rev();
        log.find_map(|event| match event {
            AnyEvent::Agent(of, agent::Event::Begun { at, .. }) if *of == somebody(agent) => {
                Some(Holding::Begun(*at))
            }
            _ => None,
        })
    }

    fn say(&mut self, agent: u8, command: impl Into<agent::Command>) {
        let _ = self.hall.try_tell_agent(somebody(agent), command);
    }

    fn come(&mut self, n: u8, backs_up: bool, french: Option<SkillLevel>, lines: bool) {
        let (agent, at, by) = (somebody(n), self.hall.now, admin());
        let groups: &[GroupId] = if backs_up { &[BACKUP] } else { &[SALES] };
        if self
            .hall
            .agents
            .get(&agent)
            .is_none_or(|state| !state.is_signed_in())
        {
            self.hall.staff(agent, groups);
        }
        if let Some(level) = french {
            let (skill, by) = (FRENCH, by.clone());
            self.say(n, agent::SetupCommand::SetSkill { skill, level, by, at });
        }
        let limits = BTreeMap::from([(WorkChannel::Voice, 1 + u16::from(lines))]);
        let capacity = agent::Capacity {
            limits,
            shuts_out: BTreeMap::new(),
        };
        self.say(n, agent::SetupCommand::SetCapacity { capacity, by, at });
    }

    fn rest(&mut self, n: u8, kind: StateKind) {
        let agent = somebody(n);
        if self
            .hall
            .agents
            .get(&agent)
            .is_some_and(agent::State::is_signed_in)
        {
            self.hall.choose(agent, "State", kind);
        }
    }
}

fn dialled(agent: u8) -> Contact {
    Contact::Call(CallId::new(id(5000 + u128::from(agent % 5))))
}

fn begin(rules: &Rules) -> Day {
    let mut hall = Hall::new(settings(rules));
    hall.compares = true;
    Day { hall, entered: 0 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_fast_matcher_hands_in_what_the_slow_one_would_and_leaves_no_pair_that_fits(
        rules: Rules,
        agents in vec(any::<(bool, Option<SkillLevel>, bool)>(), 0..5),
        steps in vec(any::<Step>(), 0..60),
    ) {
        let mut day = begin(&rules);
        for (n, (backs_up, french, lines)) in (0..).zip(agents) {
            day.come(n, backs_up, french, lines);
        }
        for step in &steps {
            day.play(step);
        }
        day.hall.pass(day.hall.now.plus(Millis::from_secs(60)));
        prop_assert_eq!(&day.hall.refusals, &Vec::new());
    }

    #[test]
    fn folded_from_the_log_a_matcher_knows_what_one_that_was_there_knows(
        rules: Rules,
        steps in vec(any::<Step>(), 0..40),
    ) {
        let mut day = begin(&rules);
        day.come(0, false, None, true);
        day.come(1, true, None, false);
        for step in &steps {
            day.play(step);
        }
        let now = day.hall.now.plus(Millis(1));
        let mut restarted = Matcher::new(QUEUE, config("node-1"));
        for event in &day.hall.log {
            restarted.fold(event);
        }
        prop_assert_eq!(restarted.poll_output(), None);
        restarted.handle_timeout(now);
        day.hall.matcher.handle_timeout(now);
        prop_assert_eq!(&restarted.floor.desks, &day.hall.matcher.floor.desks);
        prop_assert_eq!(restarted.floor.offered_last, day.hall.matcher.floor.offered_last);
        let waits = |matcher: &Matcher| {
            let waits = matcher.line.order.iter();
            waits
                .map(|(standing, wait)| (*standing, wait.decisions, wait.offered, wait.chances.clone()))
                .collect::<Vec<_>>()
        };
        prop_assert_eq!(waits(&restarted), waits(&day.hall.matcher));
        // It would decide the same, so it has nothing to add.
        let added = std::iter::from_fn(|| restarted.poll_output());
        let added = added.filter(|output| !matches!(output, Output::OfferCallback { .. }));
        prop_assert_eq!(added.collect::<Vec<_>>(), Vec::new());
    }
}

#[test]
fn the_days_meet_what_choices_can_come_to() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let days = (any::<Rules>(), vec(any::<Step>(), 30..90));
    let mut met = BTreeSet::new();
    for _ in 0..150 {
        let (rules, steps) = days.new_tree(&mut runner).expect("a day").current();
        let mut day = begin(&rules);
        for n in 0..4 {
            day.come(n, n == 3, None, n == 0);
        }
        for step in &steps {
            day.play(step);
        }
        let lost = day
            .hall
            .proposals
            .iter()
            .flat_map(|one| one.candidates.iter().map(|one| one.lost.clone()));
        met.extend(lost.map(|lost| match lost {
            None => "chosen",
            Some(Lost::Unavailable { .. }) => "unavailable",
            Some(Lost::HadTheirChance) => "had their chance",
            Some(Lost::TakenBy { .. }) => "taken",
            Some(Lost::KeptForLastAgent) => "kept",
            Some(Lost::Outscored) => "outscored",
            Some(Lost::IdleLater) => "idle later",
            Some(Lost::HigherId) => "higher id",
        }));
    }
    assert_eq!(met.len(), 8, "{met:?}");
}
