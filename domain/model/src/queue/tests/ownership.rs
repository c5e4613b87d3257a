//! The lease and its number.

use super::*;

fn acquire(node: &str, second: i64) -> Command {
    Command::Acquire {
        node: text(node),
        until: at(second + 60),
        at: at(second),
    }
}

fn lapsed(second: i64) -> Event {
    Event::LeaseLapsed {
        token: TOKEN,
        at: at(second),
    }
}

fn acquired_by_another() -> Event {
    Event::LeaseAcquired {
        node: text("node-2"),
        token: FencingToken(2),
        until: at(261),
        at: at(201),
    }
}

fn owned() -> Vec<Event> {
    vec![configured(plain()), acquired()]
}

#[test]
fn one_node_at_a_time_owns_the_queue() {
    given::<Queue>([configured(plain())])
        .when(acquire("node-1", 0))
        .then([Event::LeaseAcquired {
            node: text("node-1"),
            token: TOKEN,
            until: at(60),
            at: at(0),
        }]);
    given::<Queue>(owned())
        .when(acquire("node-2", 199))
        .rejected(Rejection::Owned {
            node: text("node-1"),
            until: at(200),
        });
    given::<Queue>(owned()).when(acquire("node-1", 0)).nothing();
}

#[test]
fn a_lease_that_ended_goes_to_the_next_with_a_higher_number() {
    given::<Queue>(owned())
        .when(acquire("node-2", 201))
        .then([lapsed(201), acquired_by_another()]);
    given::<Queue>(owned())
        .when(Command::Lapse { at: at(200) })
        .then([lapsed(200)]);
}

#[test]
fn a_node_that_was_away_too_long_is_known_by_its_number() {
    let history = after(with_ann(plain()), [lapsed(201), acquired_by_another()]);
    given::<Queue>(history.clone())
        .when(reserve(proposal(ANN, &[(FIRST, BOB)], 202), 202))
        .rejected(Rejection::StaleToken {
            given: TOKEN,
            last: FencingToken(2),
        });
    let renew = OwnerCommand::Renew { until: at(262) };
    given::<Queue>(history.clone())
        .when(owner(renew, 202))
        .rejected(Rejection::StaleToken {
            given: TOKEN,
            last: FencingToken(2),
        });
    // What it wanted to give up is given up already.
    given::<Queue>(history)
        .when(owner(OwnerCommand::Release, 202))
        .nothing();
}

#[test]
fn a_lease_gives_no_rights_from_its_end_on() {
    given::<Queue>(with_ann(plain()))
        .when(reserve(proposal(ANN, &[(FIRST, BOB)], 200), 200))
        .rejected(Rejection::LeaseOver {
            token: TOKEN,
            until: at(200),
        });
}

#[test]
fn a_lease_is_renewed_in_time_and_not_for_long() {
    let renew = |until| owner(OwnerCommand::Renew { until: at(until) }, 100);
    given::<Queue>(owned())
        .when(renew(300))
        .then([Event::LeaseRenewed {
            token: TOKEN,
            until: at(300),
            at: at(100),
        }]);
    given::<Queue>(owned()).when(renew(150)).nothing();
    given::<Queue>(owned())
        .when(renew(401))
        .rejected(Rejection::LeaseDeadline {
            until: at(401),
            latest: at(400),
        });
}

#[test]
fn a_node_that_stops_gives_the_queue_up_at_once() {
    let released = Event::LeaseReleased {
        token: TOKEN,
        at: at(10),
    };
    given::<Queue>(owned())
        .when(owner(OwnerCommand::Release, 10))
        .then([released.clone()]);
    given::<Queue>(after(owned(), [released]))
        .when(acquire("node-2", 11))
        .then([Event::LeaseAcquired {
            node: text("node-2"),
            token: FencingToken(2),
            until: at(71),
            at: at(11),
        }]);
}

#[test]
fn a_number_that_was_never_given_is_refused() {
    let command = Command::Owner {
        token: FencingToken(9),
        command: OwnerCommand::Release,
        at: at(0),
    };
    given::<Queue>(owned())
        .when(command)
        .rejected(Rejection::StaleToken {
            given: FencingToken(9),
            last: TOKEN,
        });
}
