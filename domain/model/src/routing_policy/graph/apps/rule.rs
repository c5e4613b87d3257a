//! The Rule app: conditions in groups of AND and OR, over numbers, macros, calendars and the block list.

use crate::PhoneNumber;
use crate::ids::CalendarId;
use crate::phone::Country;
use crate::routing_policy::graph::declare::{choice, object, outlets, words};
use crate::routing_policy::graph::known::{AtLeastOne, Plain};
use crate::routing_policy::graph::shape::Reading;
use crate::routing_policy::graph::template::Template;
use crate::routing_policy::graph::words::Pattern;

/// How deep groups of conditions may lie in each other.
pub const RULE_DEPTH_MAX: usize = 8;
/// The most conditions in one group.
pub const CONDITIONS_MAX: usize = 32;

object! {
    /// Takes its outlet if a condition holds, else falls through.
    pub struct Rule {
        /// The condition, which may be a group of others.
        when: Condition,
        /// Where it leads.
        outlets: RuleOutlets = RuleOutlets::default(),
    }
    check |rule, at| {
        if rule.when.depth() > RULE_DEPTH_MAX {
            at.fault_in("when", format!("groups lie more than {RULE_DEPTH_MAX} deep in each other"));
        }
    }
}

outlets! {
    /// The outlets of a rule.
    pub struct RuleOutlets {
        /// The condition holds. Unconnected, the contact ends here: that is how callers are blocked.
        matched ends,
    }
}

choice! {
    /// Something that holds or does not.
    pub enum Condition by "is" {
        /// Every one of some conditions holds (AND).
        All "all" (Group),
        /// At least one of some conditions holds (OR).
        Any "any" (Group),
        /// A condition does not hold.
        Not "not" (Negation),
        /// A number of the contact is as said.
        Number "number" (NumberIs),
        /// A text, mostly a macro, compares to another.
        Compare "compare" (Compare),
        /// A calendar is as said at this moment.
        Calendar "calendar" (CalendarIs),
        /// The caller's number is on the block list.
        Blocked "blocked" (Plain),
    }
}

object! {
    /// Conditions that are looked at together.
    pub struct Group {
        /// The conditions, in the order in which they are looked at.
        of: AtLeastOne<Condition, CONDITIONS_MAX>,
    }
}

object! {
    /// A condition turned round.
    pub struct Negation {
        /// The condition.
        of: Box<Condition>,
    }
}

object! {
    /// What a number has to be.
    pub struct NumberIs {
        /// Whose number.
        number: Whose,
        /// What it has to be.
        test: NumberTest,
    }
}

words! {
    /// Whose number is looked at.
    pub enum Whose {
        /// The caller's.
        Caller "caller",
        /// The one that was called.
        Called "called",
    }
}

choice! {
    /// What a number has to be.
    pub enum NumberTest by "is" {
        /// One of these.
        OneOf "one_of" (Numbers),
        /// It begins like this.
        Prefix "prefix" (Prefix),
        /// It is of this country.
        Country "country" (OfCountry),
        /// It is as this pattern says.
        Pattern "pattern" (OfPattern),
        /// It was withheld.
        Withheld "withheld" (Plain),
    }
}

object! {
    /// Whole numbers.
    pub struct Numbers {
        /// The numbers in E.164.
        numbers: AtLeastOne<PhoneNumber, 200>,
    }
}

object! {
    /// How a number begins.
    pub struct Prefix {
        /// Its first digits, such as `+4420`.
        prefix: Pattern,
    }
    check |test: &Prefix, at: &mut Reading| {
        let text = test.prefix.as_str();
        let digits = text.strip_prefix('+').unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            at.fault_in("prefix", "a prefix is digits, with + in front for E.164, such as +4420");
        }
    }
}

object! {
    /// A country.
    pub struct OfCountry {
        /// Its two letters.
        country: Country,
    }
}

object! {
    /// A pattern of digits.
    pub struct OfPattern {
        /// The pattern, such as `+447.` or `8xxx`.
        pattern: Pattern,
    }
}

object! {
    /// A comparison of two texts. Both being numbers, `greater` and the like compare as numbers, else as texts. Where
    /// one of them is empty, only `equals`, `not_equals`, `is_set` and `is_not_set` can hold.
    pub struct Compare {
        /// The text, mostly one macro.
        value: Template,
        /// How it is compared.
        operator: Operator,
        /// What it is compared with; nothing for `is_set` and `is_not_set`.
        with: Option<Template>,
    }
    check |compare: &Compare, at: &mut Reading| match (compare.operator.needs_with(), &compare.with) {
        (true, None) => at.fault_in("with", format!("{} needs something to compare with", compare.operator.word())),
        (false, Some(_)) => at.fault_in("with", format!("{} compares with nothing", compare.operator.word())),
        (true, Some(_)) | (false, None) => {}
    }
}

words! {
    /// How two texts are compared. Upper and lower case are the same.
    pub enum Operator {
        /// They are the same.
        Equals "equals",
        /// They are not the same.
        NotEquals "not_equals",
        /// The other is somewhere in it.
        Contains "contains",
        /// It begins with the other.
        Begins "begins",
        /// It ends with the other.
        Ends "ends",
        /// It is as the other says, in which `*` is any run of characters and `?` any one.
        Matches "matches",
        /// It is more.
        Greater "greater",
        /// It is as much or more.
        AtLeast "at_least",
        /// It is less.
        Less "less",
        /// It is as much or less.
        AtMost "at_most",
        /// It holds something.
        IsSet "is_set",
        /// It holds nothing.
        IsNotSet "is_not_set",
    }
}

impl Operator {
    /// Says whether it compares with something.
    #[must_use]
    pub const fn needs_with(self) -> bool {
        match self {
            Self::Equals
            | Self::NotEquals
            | Self::Contains
            | Self::Begins
            | Self::Ends
            | Self::Matches
            | Self::Greater
            | Self::AtLeast
            | Self::Less
            | Self::AtMost => true,
            Self::IsSet | Self::IsNotSet => false,
        }
    }
}

object! {
    /// How a calendar has to be at this moment. One that does not exist any more is closed.
    pub struct CalendarIs {
        /// The calendar.
        calendar: CalendarId,
        /// How it has to be.
        state: CalendarState,
    }
}

words! {
    /// How a calendar is at a moment.
    pub enum CalendarState {
        /// Open.
        Open "open",
        /// Closed, on a special day or not.
        Closed "closed",
        /// On a special day, open or closed: a holiday, or a day with other hours.
        SpecialDay "special_day",
        /// Closed on a special day that has no hours.
        Holiday "holiday",
    }
}

impl Condition {
    fn depth(&self) -> usize {
        match self {
            Self::All(group) | Self::Any(group) => 1 + group.of.iter().map(Self::depth).max().unwrap_or(0),
            Self::Not(negation) => 1 + negation.of.depth(),
            Self::Number(_) | Self::Compare(_) | Self::Calendar(_) | Self::Blocked(_) => 0,
        }
    }
}
