//! What holds whatever is asked of an agent, in any order.

use super::*;
use crate::Timestamp;
use crate::agent::concerns::events_of;
use crate::testing::{fold_and_read_back, meets_every_kind, play};
use proptest::prelude::*;

/// What the walk through a history knows besides the agent's own state.
#[derive(Default)]
struct Ledger {
    made: BTreeSet<OfferId>,
    open: BTreeMap<Contact, Option<OfferId>>,
}

impl Ledger {
    fn check(&mut self, before: &State, event: &Event, now: &State) {
        match event {
            Event::Reserved {
                offer, contact, ask, ..
            } => {
                assert!(self.made.insert(*offer), "an offer is made once");
                assert_eq!(self.open.insert(*contact, Some(*offer)), None, "one at a time");
                assert!(before.signed_in && before.set_aside_after.is_none());
                assert_eq!(
                    before.chosen().map(|state| state.kind),
                    Some(StateKind::Available)
                );
                assert!(!before.devices_to_ring().is_empty(), "a lost device is not rung");
                assert!(now.taken(ask.channel) <= now.capacity.limit(ask.channel).into());
            }
            Event::Begun { contact, .. } => {
                assert_eq!(self.open.insert(*contact, None), None, "one at a time");
            }
            Event::Released { contact, offer, .. } => {
                assert_eq!(self.open.remove(contact), Some(*offer), "released once, if taken");
            }
            Event::Rang { contact, .. }
            | Event::Accepted { contact, .. }
            | Event::WrapUpStarted { contact, .. }
            | Event::WrapUpExtended { contact, .. }
            | Event::WrapUpFailed { contact, .. }
            | Event::Dispositioned { contact, .. }
            | Event::WrapUpEnded { contact, .. } => self.is_open(*contact),
            Event::RangBack { callback, call, .. } => {
                let offer = self.open.remove(&Contact::Callback(*callback));
                let offer = offer.expect("what is rung back was taken");
                assert_eq!(
                    self.open.insert(Contact::Call(*call), offer),
                    None,
                    "one at a time"
                );
            }
            Event::Held { call, .. } | Event::Resumed { call, .. } | Event::MonitorStarted { call, .. } => {
                self.is_open(Contact::Call(*call));
            }
            Event::StateChosen { .. } => assert!(now.signed_in, "nobody away is made available"),
            Event::GroupsLoggedIn { groups, .. } => {
                assert!(groups.iter().all(|group| now.member_of.contains_key(group)));
            }
            Event::SignedIn { .. }
            | Event::SignedOut { .. }
            | Event::NextStateQueued { .. }
            | Event::NextStateDropped { .. }
            | Event::GroupsLoggedOut { .. }
            | Event::SetAside { .. }
            | Event::Returned { .. }
            | Event::CooldownStarted { .. }
            | Event::CooldownEnded { .. }
            | Event::MonitorChanged { .. }
            | Event::MonitorEnded { .. }
            | events_of!(setup device) => assert!(
                now.chosen().is_none_or(|state| before.chosen() == Some(state)),
                "only a choice chooses"
            ),
        }
        let in_hand: BTreeSet<Contact> = now.activities().map(|(contact, _)| contact).collect();
        assert!(
            in_hand.iter().eq(self.open.keys()),
            "no activity outlives its contact"
        );
    }

    fn is_open(&self, contact: Contact) {
        assert!(self.open.contains_key(&contact), "{contact} is not in hand");
    }
}

fn check_at_rest(state: &State) {
    let waits = |work: &&super::state::Work| work.stage.is_open_offer() || work.stage.is_wrap_up();
    if !state.signed_in {
        assert_eq!(state.next(), None);
        assert_eq!(state.logged_in(), &BTreeSet::new());
        assert_eq!(
            state.work.iter().find(waits),
            None,
            "nothing waits for who is gone"
        );
    }
    if state.work.is_empty() {
        assert_eq!(state.next(), None, "what waited for this holds");
    }
    if state.devices_to_ring().is_empty() {
        let offered = state.work.iter().find(|work| work.stage.is_open_offer());
        assert_eq!(offered, None, "nothing rings nowhere");
    }
    for monitor in state.monitors.values() {
        let work = state
            .in_hand(Contact::Call(monitor.call))
            .expect("a monitor's call is in hand");
        assert!(matches!(work.activity(), Activity::OnCall | Activity::Hold));
    }
}

// What is said to be over is mostly what the agent has in hand now, and sometimes anything at all.
fn aimed(state: &State, command: Command) -> Command {
    match command {
        Command::Work(WorkCommand::End {
            contact,
            holding: Holding::Begun(_),
            at,
        }) => {
            let holding = state
                .in_hand(contact)
                .map_or(Holding::Begun(at), |work| work.holding());
            WorkCommand::End { contact, holding, at }.into()
        }
        Command::Work(WorkCommand::GiveUp {
            contact,
            holding: Holding::Begun(_),
            at,
        }) => {
            let holding = state
                .in_hand(contact)
                .map_or(Holding::Begun(at), |work| work.holding());
            WorkCommand::GiveUp { contact, holding, at }.into()
        }
        Command::Work(WorkCommand::RingBack {
            callback, call, at, ..
        }) => {
            let now = state.in_hand(Contact::Callback(callback));
            let holding = now.map_or(Holding::Begun(at), |work| work.holding());
            WorkCommand::RingBack {
                callback,
                holding,
                call,
                at,
            }
            .into()
        }
        Command::Work(WorkCommand::Hold { call, at, .. }) => {
            let now = state.in_hand(Contact::Call(call));
            let holding = now.map_or(Holding::Begun(at), |work| work.holding());
            WorkCommand::Hold { call, holding, at }.into()
        }
        Command::Work(WorkCommand::Resume { call, at, .. }) => {
            let now = state.in_hand(Contact::Call(call));
            let holding = now.map_or(Holding::Begun(at), |work| work.holding());
            WorkCommand::Resume { call, holding, at }.into()
        }
        Command::WrapUp(WrapUpCommand::Dispose {
            contact, code, at, ..
        }) => {
            let now = state.in_hand(contact);
            let holding = now.map_or(Holding::Begun(at), |work| work.holding());
            WrapUpCommand::Dispose {
                contact,
                holding,
                code,
                at,
            }
            .into()
        }
        other @ (Command::Setup(_)
        | Command::State(_)
        | Command::Device(_)
        | Command::Offer(_)
        | Command::Work(_)
        | Command::WrapUp(_)
        | Command::Monitor(_)
        | Command::Lapse { .. }) => other,
    }
}

fn walk(commands: Vec<Command>) -> BTreeSet<&'static str> {
    let mut kinds = BTreeSet::new();
    let mut state = Agent::fold(&at_work());
    let mut ledger = Ledger::default();
    let last = Command::Lapse { at: Timestamp::MAX };
    for command in commands.into_iter().chain([last]) {
        let command = aimed(&state, command);
        let Ok(events) = Agent::decide(&state, command.clone()) else {
            continue;
        };
        for event in &events {
            kinds.insert(crate::Event::kind(event));
            let before = state.clone();
            state = Agent::evolve(state, event);
            ledger.check(&before, event, &state);
        }
        check_at_rest(&state);
        assert_eq!(
            Agent::decide(&state, command),
            Ok(vec![]),
            "said twice, recorded once"
        );
    }
    assert_eq!(state.next_deadline(), None, "all that has a deadline ends");
    kinds
}

fn an_offer() -> impl Strategy<Value = OfferId> {
    (0_u128..20).prop_map(|n| OfferId::new(id(n)))
}

fn a_contact() -> impl Strategy<Value = (Contact, WorkChannel)> {
    prop_oneof![
        3 => any::<CallId>().prop_map(|call| (Contact::Call(call), WorkChannel::Voice)),
        3 => any::<ConversationId>().prop_map(|chat| (Contact::Conversation(chat), WorkChannel::Chat)),
        1 => any::<CallbackId>().prop_map(|callback| (Contact::Callback(callback), WorkChannel::Voice)),
    ]
}

fn some_terms() -> impl Strategy<Value = Terms> {
    (any::<Terms>(), 1_u16..4).prop_map(|(terms, misses)| Terms {
        set_aside_after: NonZeroU16::new(misses),
        ..terms
    })
}

fn reserves() -> impl Strategy<Value = Command> {
    let parts = (
        an_offer(),
        a_contact(),
        some_terms(),
        any::<Timestamp>(),
        1_u32..3600,
    );
    parts.prop_map(|(offer, (contact, channel), terms, at, length)| {
        OfferCommand::Reserve {
            offer,
            contact,
            ask: Ask { channel, ..voice() },
            from: None,
            terms,
            until: at.plus(Millis::from_secs(length)),
            at,
        }
        .into()
    })
}

fn answers() -> impl Strategy<Value = Command> {
    let offers = || (an_offer(), any::<Timestamp>());
    let ring = offers().prop_map(|(offer, at)| OfferCommand::Ring {
        offer,
        device: PHONE,
        at,
    });
    let release = (offers(), any::<Refusal>());
    let release = release.prop_map(|((offer, at), refusal)| OfferCommand::Release { offer, refusal, at });
    prop_oneof![
        1 => ring,
        3 => offers().prop_map(|(offer, at)| OfferCommand::Accept { offer, at }),
        2 => release,
    ]
    .prop_map(Command::from)
}

fn ends() -> impl Strategy<Value = Command> {
    let parts = (a_contact(), any::<Holding>(), any::<Timestamp>());
    parts.prop_map(|((contact, _), holding, at)| WorkCommand::End { contact, holding, at }.into())
}

fn chooses() -> impl Strategy<Value = Command> {
    let states = proptest::sample::select(vec![ready(), lunch()]);
    (states, any::<Chooser>(), any::<Timestamp>(), any::<bool>()).prop_map(|(state, by, at, next)| {
        if next {
            StateCommand::ChooseNext { state, by, at }.into()
        } else {
            StateCommand::Choose { state, by, at }.into()
        }
    })
}

fn devices() -> impl Strategy<Value = Command> {
    let (device, kind) = (PHONE, DeviceKind::Browser);
    let phone = any::<Timestamp>().prop_flat_map(move |at| {
        proptest::sample::select(vec![
            DeviceCommand::Register { device, kind, at },
            DeviceCommand::Expire { device, at },
            DeviceCommand::ReportUnreachable { device, at },
            DeviceCommand::ReportReachable { device, at },
        ])
    });
    prop_oneof![1 => phone, 1 => any::<DeviceCommand>()].prop_map(Command::from)
}

fn setups() -> impl Strategy<Value = Command> {
    let capacity = (0_u16..3, 0_u16..4, any::<Timestamp>()).prop_map(|(calls, chats, at)| {
        let limits = BTreeMap::from([(WorkChannel::Voice, calls), (WorkChannel::Chat, chats)]);
        SetupCommand::SetCapacity {
            capacity: Capacity {
                limits,
                ..Capacity::default()
            },
            by: admin(),
            at,
        }
    });
    prop_oneof![1 => capacity, 3 => any::<SetupCommand>()].prop_map(Command::from)
}

fn longer() -> impl Strategy<Value = Command> {
    let parts = (a_contact(), any::<Chooser>(), any::<Timestamp>(), 1_u32..3600);
    parts.prop_map(|((contact, _), by, at, length)| {
        WrapUpCommand::Extend {
            contact,
            until: at.plus(Millis::from_secs(length)),
            by,
            at,
        }
        .into()
    })
}

fn monitors() -> impl Strategy<Value = Command> {
    let parts = (
        any::<CallId>(),
        any::<UserId>(),
        any::<MonitorMode>(),
        any::<Timestamp>(),
    );
    let start = parts.prop_map(|(call, by, mode, at)| MonitorCommand::Start {
        supervision: SupervisionId::new(call.uuid()),
        call,
        by,
        mode,
        at,
    });
    prop_oneof![3 => start.boxed(), 1 => any::<MonitorCommand>().boxed()].prop_map(Command::from)
}

/// A busy agent: offers that fit often, and that are accepted, refused and ended often.
pub(crate) fn likely() -> impl Strategy<Value = Command> {
    prop_oneof![
        8 => reserves().boxed(),
        6 => answers().boxed(),
        3 => ends().boxed(),
        2 => chooses().boxed(),
        2 => devices().boxed(),
        1 => setups().boxed(),
        1 => any::<StateCommand>().prop_map(Command::from).boxed(),
        3 => any::<WorkCommand>().prop_map(Command::from).boxed(),
        1 => any::<WrapUpCommand>().prop_map(Command::from).boxed(),
        3 => longer().boxed(),
        3 => monitors().boxed(),
        1 => any::<Timestamp>().prop_map(|at| Command::Lapse { at }).boxed(),
    ]
}

proptest! {
    #[test]
    fn any_commands_can_be_said_twice(commands: Vec<Command>) {
        fold_and_read_back::<Agent>(&play::<Agent>(commands));
    }

    #[test]
    fn any_events_fold_and_read_back(events: Vec<Event>) {
        fold_and_read_back::<Agent>(&events);
    }

    #[test]
    fn whatever_happens_an_agents_books_balance(commands in proptest::collection::vec(likely(), 0..150)) {
        walk(commands);
    }
}

#[test]
fn the_walks_meet_every_kind_of_event() {
    meets_every_kind::<Agent>(&proptest::collection::vec(likely(), 250), walk);
}
