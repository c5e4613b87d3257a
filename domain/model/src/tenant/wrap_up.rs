//! Wrap-up codes: what an agent says a call was about, in lists by direction, each a tree.

use serde::{Deserialize, Serialize};

use crate::few::Few;
use crate::ids::WrapUpCodeId;
use crate::text::Name;

use super::State;
use super::event::Event;
use super::register::Register;
use super::rejection::{Decision, Rejection, Thing, change, create, invalid};
use super::settings::WrapUpRule;

/// The most codes of one direction.
pub const CODES_MAX: usize = 500;
/// The deepest that codes may be nested.
pub const DEPTH_MAX: usize = 5;

/// Which way a call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Direction {
    /// The customer rang.
    Inbound,
    /// We rang.
    Outbound,
}

/// What a wrap-up code is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct WrapUpCode {
    /// What the agent sees.
    pub label: Name,
    /// What reports and the CRM store; no other code of the direction has it.
    pub code: u32,
    /// For calls of which direction it is, for good.
    pub direction: Direction,
    /// The code under which it stands, of the same direction.
    pub parent: Option<WrapUpCodeId>,
}

/// The wrap-up codes as they stand.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WrapUpCodes {
    pub(super) codes: Register<WrapUpCodeId, WrapUpCode>,
    inbound: Vec<WrapUpCodeId>,
    outbound: Vec<WrapUpCodeId>,
}

/// What somebody wants of wrap-up codes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Adds a code at the end of its direction's list.
    Add {
        /// Its id.
        code: WrapUpCodeId,
        /// What it is.
        details: WrapUpCode,
    },
    /// Says anew what a code is. What was filed under it stays filed under it.
    Change {
        /// The code.
        code: WrapUpCodeId,
        /// What it is from now on.
        details: WrapUpCode,
    },
    /// Takes a code from the list. What was filed under it stays.
    Retire {
        /// The code.
        code: WrapUpCodeId,
    },
    /// Puts a direction's codes in order.
    Order {
        /// The direction.
        direction: Direction,
        /// All of its codes, first to be shown first.
        order: Few<WrapUpCodeId, CODES_MAX>,
    },
}

impl WrapUpCodes {
    /// Returns a code.
    #[must_use]
    pub fn get(&self, code: &WrapUpCodeId) -> Option<&WrapUpCode> {
        self.codes.get(code)
    }

    /// Returns a direction's codes in the order in which agents see them.
    #[must_use]
    pub fn in_order(&self, direction: Direction) -> &[WrapUpCodeId] {
        match direction {
            Direction::Inbound => &self.inbound,
            Direction::Outbound => &self.outbound,
        }
    }

    fn list(&mut self, direction: Direction) -> &mut Vec<WrapUpCodeId> {
        match direction {
            Direction::Inbound => &mut self.inbound,
            Direction::Outbound => &mut self.outbound,
        }
    }

    pub(super) fn add(&mut self, id: WrapUpCodeId, code: &WrapUpCode) {
        if !self.codes.contains(&id) {
            self.list(code.direction).push(id);
            self.codes.put(&id, code.clone());
        }
    }

    pub(super) fn retire(&mut self, id: WrapUpCodeId) {
        for direction in [Direction::Inbound, Direction::Outbound] {
            self.list(direction).retain(|other| *other != id);
        }
        self.codes.remove(&id);
    }

    pub(super) fn order(&mut self, direction: Direction, order: &[WrapUpCodeId]) {
        *self.list(direction) = order.to_vec();
    }

    fn has_children(&self, id: WrapUpCodeId) -> bool {
        self.codes.iter().any(|(_, code)| code.parent == Some(id))
    }

    // The codes above one, itself first; more than may be nested show that they run in a circle.
    fn line(&self, code: WrapUpCodeId) -> Vec<WrapUpCodeId> {
        let parent = |code: &WrapUpCodeId| self.get(code)?.parent;
        std::iter::successors(Some(code), parent)
            .take(DEPTH_MAX + 1)
            .collect()
    }

    // How many codes stand one under the other from this one downwards, itself counted.
    fn height(&self, code: WrapUpCodeId) -> usize {
        let lines = self.codes.iter().map(|(below, _)| self.line(*below));
        let places = lines.filter_map(|line| line.iter().position(|above| *above == code));
        places.max().map_or(1, |place| place + 1)
    }
}

pub(super) fn decide(state: &State, command: Command) -> Decision {
    let codes = &state.wrap_up;
    match command {
        Command::Add { code, details } => create(codes.get(&code), &details, Thing::WrapUpCode, || {
            check(codes, code, &details)?;
            if codes.in_order(details.direction).len() >= CODES_MAX {
                return Err(invalid(
                    "details.direction",
                    "it has 500 codes, which is the most",
                ));
            }
            Ok(vec![Event::WrapUpCodeAdded {
                code,
                details: details.clone(),
            }])
        }),
        Command::Change { code, details } => {
            let was = codes.codes.known(&code, "code", Thing::WrapUpCode)?;
            change(was, &details, || {
                if was.direction != details.direction {
                    return Err(invalid("details.direction", "a code stays in its direction"));
                }
                check(codes, code, &details)?;
                Ok(vec![Event::WrapUpCodeChanged {
                    code,
                    details: details.clone(),
                }])
            })
        }
        Command::Retire { code } => retire(state, code),
        Command::Order { direction, order } => reorder(codes, direction, order),
    }
}

fn check(codes: &WrapUpCodes, id: WrapUpCodeId, details: &WrapUpCode) -> Result<(), Rejection> {
    let thing = Thing::WrapUpCode;
    codes.codes.unique(&id, "details.code", thing, |other| {
        other.direction == details.direction && other.code == details.code
    })?;
    codes.codes.unique(&id, "details.label", thing, |other| {
        other.direction == details.direction && other.parent == details.parent && other.label == details.label
    })?;
    let Some(parent) = details.parent else {
        return Ok(());
    };
    let field = "details.parent";
    if codes.codes.known(&parent, field, thing)?.direction != details.direction {
        return Err(invalid(field, "it is of the other direction"));
    }
    let line = codes.line(parent);
    if line.contains(&id) {
        Err(invalid(field, "a code cannot stand under itself"))
    } else if line.len() + codes.height(id) > DEPTH_MAX {
        Err(invalid(field, "codes are nested at most 5 deep"))
    } else {
        Ok(())
    }
}

fn retire(state: &State, id: WrapUpCodeId) -> Decision {
    let Some(code) = state.wrap_up.get(&id) else {
        return Ok(vec![]);
    };
    let thing = Thing::WrapUpCode;
    if state.wrap_up.has_children(id) {
        return Err(Rejection::InUse { thing, by: thing });
    }
    let last = state.wrap_up.in_order(code.direction) == [id];
    let rule = state
        .root
        .as_ref()
        .map(|root| root.settings.wrap_up_rule(code.direction));
    if last && rule == Some(WrapUpRule::Mandatory) {
        return Err(Rejection::InUse {
            thing,
            by: Thing::Setting,
        });
    }
    Ok(vec![Event::WrapUpCodeRetired { code: id }])
}

fn reorder(codes: &WrapUpCodes, direction: Direction, order: Few<WrapUpCodeId, CODES_MAX>) -> Decision {
    let was = codes.in_order(direction);
    change(was, &order[..], || {
        let sorted = |list: &[WrapUpCodeId]| {
            let mut list = list.to_vec();
            list.sort_unstable();
            list
        };
        if sorted(was) != sorted(&order) {
            return Err(invalid("order", "it has to name each code of the direction once"));
        }
        Ok(vec![Event::WrapUpCodesOrdered {
            direction,
            order: order.clone(),
        }])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::settings::Setting;
    use crate::tenant::stories::*;
    use crate::tenant::{Command as Order, Tenant};
    use crate::testing::given;
    use crate::testing::sample::{id, text};

    const SALE: WrapUpCodeId = WrapUpCodeId::new(id(801));
    const UPGRADE: WrapUpCodeId = WrapUpCodeId::new(id(802));

    fn details(label: &str, code: u32, parent: Option<WrapUpCodeId>) -> WrapUpCode {
        WrapUpCode {
            label: text(label),
            code,
            direction: Direction::Inbound,
            parent,
        }
    }

    fn added(code: WrapUpCodeId, details: WrapUpCode) -> Event {
        Event::WrapUpCodeAdded { code, details }
    }

    fn a_sale_and_an_upgrade() -> [Event; 3] {
        let sale = added(SALE, details("Sale", 1, None));
        let upgrade = added(UPGRADE, details("Upgrade", 2, Some(SALE)));
        [created(), sale, upgrade]
    }

    #[test]
    fn codes_stand_under_others_but_never_under_themselves() {
        given::<Tenant>(a_sale_and_an_upgrade())
            .when(Order::WrapUp(Command::Change {
                code: SALE,
                details: details("Sale", 1, Some(UPGRADE)),
            }))
            .rejected(invalid("details.parent", "a code cannot stand under itself"));
        given::<Tenant>(a_sale_and_an_upgrade())
            .when(Order::WrapUp(Command::Retire { code: SALE }))
            .rejected(Rejection::InUse {
                thing: Thing::WrapUpCode,
                by: Thing::WrapUpCode,
            });
    }

    #[test]
    fn an_order_names_each_code_once() {
        let order = |codes: &[WrapUpCodeId]| {
            Order::WrapUp(Command::Order {
                direction: Direction::Inbound,
                order: Few::first(codes.iter().copied()),
            })
        };
        given::<Tenant>(a_sale_and_an_upgrade())
            .when(order(&[UPGRADE, UPGRADE]))
            .rejected(invalid("order", "it has to name each code of the direction once"));
        given::<Tenant>(a_sale_and_an_upgrade())
            .when(order(&[UPGRADE, SALE]))
            .then([Event::WrapUpCodesOrdered {
                direction: Direction::Inbound,
                order: Few::first([UPGRADE, SALE]),
            }]);
    }

    #[test]
    fn the_last_code_stays_while_one_is_demanded() {
        let demanded = Event::SettingChanged {
            was: Setting::InboundWrapUp(WrapUpRule::Optional),
            now: Setting::InboundWrapUp(WrapUpRule::Mandatory),
        };
        given::<Tenant>([created(), added(SALE, details("Sale", 1, None)), demanded])
            .when(Order::WrapUp(Command::Retire { code: SALE }))
            .rejected(Rejection::InUse {
                thing: Thing::WrapUpCode,
                by: Thing::Setting,
            });
    }

    #[test]
    fn codes_are_nested_so_deep_and_no_deeper() {
        let code = |n: u128| WrapUpCodeId::new(id(800 + n));
        let mut history = vec![created()];
        for n in 1..=5_u8 {
            let parent = (n > 1).then(|| code(u128::from(n) - 1));
            let label = n.to_string();
            history.push(added(code(n.into()), details(&label, n.into(), parent)));
        }
        let add = |parent| {
            Order::WrapUp(Command::Add {
                code: code(6),
                details: details("6", 6, Some(parent)),
            })
        };
        given::<Tenant>(history.clone())
            .when(add(code(5)))
            .rejected(invalid("details.parent", "codes are nested at most 5 deep"));
        given::<Tenant>(history)
            .when(add(code(4)))
            .then([added(code(6), details("6", 6, Some(code(4))))]);
    }
}
