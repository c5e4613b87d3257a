//! Devices, ringing and monitors.

use super::*;
use crate::few::Few;

fn ring(device: DeviceId, second: i64) -> Command {
    OfferCommand::Ring {
        offer: FIRST,
        device,
        at: at(second),
    }
    .into()
}

fn expired(device: DeviceId, second: i64) -> Event {
    Event::DeviceExpired {
        device,
        at: at(second),
    }
}

fn expire(device: DeviceId, second: i64) -> Command {
    DeviceCommand::Expire {
        device,
        at: at(second),
    }
    .into()
}

fn monitor(mode: MonitorMode, second: i64) -> Command {
    MonitorCommand::Start {
        supervision: LISTENING,
        call: ANN,
        by: CAROL,
        mode,
        at: at(second),
    }
    .into()
}

fn listens() -> Event {
    Event::MonitorStarted {
        supervision: LISTENING,
        call: ANN,
        by: CAROL,
        mode: MonitorMode::Listen,
        at: at(5),
    }
}

#[test]
fn an_agent_whose_last_device_is_lost_is_offered_nothing() {
    let lost = after(at_work(), [expired(PHONE, 1)]);
    for (contact, ask) in [
        (Contact::Call(ANN), voice()),
        (Contact::Conversation(CHAT), chat()),
    ] {
        given::<Agent>(lost.clone())
            .when(reserve(FIRST, contact, ask, 2))
            .rejected(unavailable([Obstacle::NoDevice]));
    }
    let silent = Event::DeviceUnreachable {
        device: PHONE,
        at: at(1),
    };
    given::<Agent>(after(at_work(), [silent]))
        .when(reserve(FIRST, Contact::Call(ANN), voice(), 2))
        .rejected(unavailable([Obstacle::DeviceUnreachable]));
}

#[test]
fn an_offer_goes_back_at_once_when_the_last_device_is_lost() {
    let ringing = after(at_work(), [offered_ann(terms())]);
    given::<Agent>(ringing.clone())
        .when(expire(PHONE, 3))
        .then([expired(PHONE, 3), released_ann(Outcome::DeviceUnreachable, 3)]);
    given::<Agent>(after(ringing, [registered(MOBILE)]))
        .when(expire(PHONE, 3))
        .then([expired(PHONE, 3)]);
}

#[test]
fn a_call_in_hand_outlasts_its_device() {
    given::<Agent>(after(at_work(), [offered_ann(terms()), accepted_ann()]))
        .when(expire(PHONE, 3))
        .then([expired(PHONE, 3)]);
}

#[test]
fn a_renewed_registration_is_no_news_and_a_new_one_reaches_again() {
    let register = |second| {
        DeviceCommand::Register {
            device: PHONE,
            kind: DeviceKind::Browser,
            at: at(second),
        }
        .into()
    };
    given::<Agent>(at_work()).when(register(60)).nothing();
    given::<Agent>(after(at_work(), [expired(PHONE, 1)]))
        .when(register(60))
        .then([Event::DeviceRegistered {
            device: PHONE,
            kind: DeviceKind::Browser,
            at: at(60),
        }]);
}

#[test]
fn devices_ring_in_their_order_without_those_that_cannot() {
    let order = Event::RingOrderSet {
        order: Few::first([MOBILE, PHONE]),
        by: admin(),
        at: at(0),
    };
    let both = after(at_work(), [registered(MOBILE)]);
    assert_eq!(
        Agent::fold(&both).devices_to_ring(),
        [PHONE, MOBILE],
        "by id without an order"
    );
    let ordered = after(both, [order]);
    assert_eq!(Agent::fold(&ordered).devices_to_ring(), [MOBILE, PHONE]);
    let history = after(ordered, [expired(MOBILE, 1), offered_ann(terms())]);
    assert_eq!(Agent::fold(&history).devices_to_ring(), [PHONE]);
    given::<Agent>(history)
        .when(ring(MOBILE, 2))
        .rejected(Rejection::DeviceNotReachable { device: MOBILE });
}

#[test]
fn several_devices_ring_for_one_offer_and_none_after_the_answer() {
    let rang = |device| Event::Rang {
        offer: FIRST,
        contact: Contact::Call(ANN),
        device,
        at: at(2),
    };
    let offered = after(at_work(), [registered(MOBILE), offered_ann(terms())]);
    given::<Agent>(offered.clone())
        .when(ring(PHONE, 2))
        .then([rang(PHONE)]);
    let ringing = after(offered, [rang(PHONE)]);
    given::<Agent>(ringing.clone())
        .when(ring(MOBILE, 2))
        .then([rang(MOBILE)]);
    given::<Agent>(after(ringing, [accepted_ann()]))
        .when(ring(MOBILE, 3))
        .nothing();
}

#[test]
fn a_ring_order_names_each_device_once_and_only_the_agents_own() {
    let set = |order: &[DeviceId]| {
        SetupCommand::SetRingOrder {
            order: Few::first(order.iter().copied()),
            by: admin(),
            at: at(1),
        }
        .into()
    };
    given::<Agent>(at_work())
        .when(set(&[PHONE, PHONE]))
        .rejected(Rejection::RungTwice { device: PHONE });
    given::<Agent>(at_work())
        .when(set(&[MOBILE]))
        .rejected(Rejection::UnknownDevice { device: MOBILE });
}

#[test]
fn a_supervisor_takes_part_in_a_call_and_never_longer_than_it_lasts() {
    let on_call = after(at_work(), [offered_ann(terms()), accepted_ann()]);
    given::<Agent>(on_call.clone())
        .when(monitor(MonitorMode::Listen, 5))
        .then([listens()]);
    given::<Agent>(after(on_call.clone(), [listens()]))
        .when(monitor(MonitorMode::Barge, 6))
        .then([Event::MonitorChanged {
            supervision: LISTENING,
            mode: MonitorMode::Barge,
            at: at(6),
        }]);
    given::<Agent>(after(on_call, [listens()]))
        .when(end(ANN, 7))
        .then([
            Event::MonitorEnded {
                supervision: LISTENING,
                at: at(7),
            },
            Event::WrapUpStarted {
                contact: Contact::Call(ANN),
                until: at(37),
                code_required: false,
                at: at(7),
            },
        ]);
    given::<Agent>(after(at_work(), [offered_ann(terms())]))
        .when(monitor(MonitorMode::Listen, 5))
        .rejected(Rejection::WrongActivity {
            contact: Contact::Call(ANN),
            activity: Activity::Offered,
        });
}
