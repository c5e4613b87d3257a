//! Records of the CRM: looked up, created, updated, each with a deadline, since no contact waits for the CRM.

use crate::few::Few;
use crate::routing_policy::graph::declare::{choice, object, outlets, words};
use crate::routing_policy::graph::known::AtLeastOne;
use crate::routing_policy::graph::shape::Reading;
use crate::routing_policy::graph::template::Template;
use crate::routing_policy::graph::words::{ApiName, Count, LastsMs, SetName};

use super::rule::Operator;

/// The most fields that one app reads or writes.
pub const FIELDS_MAX: usize = 64;

/// How long a contact waits for an answer: a tenth of a second to two minutes.
pub type Deadline = LastsMs<100, 120_000>;

/// How long it waits unless something else is said.
pub(super) fn usual_deadline() -> Deadline {
    Deadline::nearest(3_000)
}

/// The result set that is filled unless another is named.
pub(super) fn my_data() -> SetName {
    SetName::new("MyData").expect("a letter and letters")
}

object! {
    /// Looks records up and fills a result set with them.
    pub struct Query {
        /// What is looked for.
        find: Find,
        /// The result set that is filled.
        into: SetName = my_data(),
        /// How long the contact waits for the answer.
        deadline_ms: Deadline = usual_deadline(),
        /// Where it leads.
        outlets: LookupOutlets = LookupOutlets::default(),
    }
}

outlets! {
    /// The outlets of a lookup. Each may be left unconnected: then the contact goes on with the next app.
    pub struct LookupOutlets {
        /// Something was found, or the script said yes.
        found falls,
        /// Nothing was found, there was nothing to look for, or the script said no.
        not_found falls,
        /// The other side could not say.
        error falls,
        /// No answer came in time.
        too_late falls,
    }
}

choice! {
    /// What is looked for.
    pub enum Find by "is" {
        /// Put together from fields.
        Builder "builder" (Builder),
        /// Written as SOQL.
        Soql "soql" (Soql),
    }
}

object! {
    /// A query put together from fields.
    pub struct Builder {
        /// The object.
        object: ApiName,
        /// The conditions; all records if there are none.
        conditions: Few<FieldIs, 32>,
        /// Whether all conditions have to hold or any of them.
        together: Together = Together::All,
        /// The fields that the result set gets.
        fields: AtLeastOne<ApiName, FIELDS_MAX>,
        /// The order of the records: by the first field, then by the next.
        order: Few<Order, 4>,
        /// The most records.
        limit: Count<1, 200> = Count::nearest(1),
    }
}

words! {
    /// How conditions go together.
    pub enum Together {
        /// Every one has to hold.
        All "all",
        /// One has to hold.
        Any "any",
    }
}

object! {
    /// What a field has to be.
    pub struct FieldIs {
        /// The field.
        field: ApiName,
        /// How it is compared.
        operator: Operator = Operator::Equals,
        /// What it is compared with; nothing for `is_set` and `is_not_set`. Where a macro in it holds nothing, the condition
        /// does not hold: nothing is looked for, unless another of `any` is left.
        with: Option<Template>,
    }
    check |test: &FieldIs, at: &mut Reading| match (test.operator.needs_with(), &test.with) {
        (true, None) => at.fault_in("with", format!("{} needs something to compare with", test.operator.word())),
        (false, Some(_)) => at.fault_in("with", format!("{} compares with nothing", test.operator.word())),
        (true, Some(_)) | (false, None) => {}
    }
}

object! {
    /// A field that records are ordered by.
    pub struct Order {
        /// The field.
        field: ApiName,
        /// Whether the highest comes first.
        descending: bool = false,
    }
}

object! {
    /// A query written as SOQL.
    pub struct Soql {
        /// The query. What a macro holds is put in as a quoted text and cannot change the query, so that no quotes belong
        /// around it. Where a macro holds nothing, nothing is looked for.
        soql: Template,
    }
    check |query: &Soql, at: &mut Reading| {
        let begins = query.soql.as_str().trim_start().get(..7);
        if !begins.is_some_and(|word| word.eq_ignore_ascii_case("select ")) {
            at.fault_in("soql", "a query begins with SELECT");
        }
    }
}

object! {
    /// Creates a record and fills a result set with its `Id`.
    pub struct Create {
        /// The object.
        object: ApiName,
        /// What its fields hold.
        values: AtLeastOne<FieldValue, FIELDS_MAX>,
        /// The result set that gets the `Id` of the record.
        into: SetName = my_data(),
        /// How long the contact waits until it is done.
        deadline_ms: Deadline = usual_deadline(),
        /// Where it leads.
        outlets: WriteOutlets = WriteOutlets::default(),
    }
}

object! {
    /// Changes a record.
    pub struct Update {
        /// The object.
        object: ApiName,
        /// The id of the record, mostly a macro such as `$(MyData.Id)`.
        record: Template,
        /// What its fields hold afterwards.
        values: AtLeastOne<FieldValue, FIELDS_MAX>,
        /// How long the contact waits until it is done.
        deadline_ms: Deadline = usual_deadline(),
        /// Where it leads.
        outlets: WriteOutlets = WriteOutlets::default(),
    }
}

object! {
    /// What a field holds.
    pub struct FieldValue {
        /// The field.
        field: ApiName,
        /// The value; the field is emptied if left out.
        value: Option<Template>,
    }
}

outlets! {
    /// The outlets of an app that writes. Each may be left unconnected: then the contact goes on with the next app.
    pub struct WriteOutlets {
        /// It is written.
        done falls,
        /// The CRM refused it.
        error falls,
        /// The CRM did not confirm it in time; it may still be written.
        too_late falls,
    }
}

object! {
    /// Asks a web service.
    pub struct Http {
        /// How it is asked.
        method: Method = Method::Get,
        /// The address, beginning with `https://`. What a macro holds is escaped.
        url: Template,
        /// What is added to the address, or sent as a form.
        params: Few<Param, 32>,
        /// What is sent instead of a form; for `post` only. In an object or a list of JSON, what a macro holds stays a text
        /// where it stands in quotes; elsewhere it is a number, true, false, null, or else a text with quotes.
        body: Option<Template>,
        /// How the answer is read.
        answer: Answer = Answer::Records,
        /// The fields of the answer that are used; any if there are none.
        fields: Few<SetName, FIELDS_MAX>,
        /// The result set that is filled.
        into: SetName = my_data(),
        /// How long the contact waits for the answer.
        deadline_ms: Deadline = usual_deadline(),
        /// Where it leads.
        outlets: LookupOutlets = LookupOutlets::default(),
    }
    check |http: &Http, at: &mut Reading| {
        if !http.url.as_str().starts_with("https://") {
            at.fault_in("url", "an address begins with https://");
        }
        if http.method == Method::Get && http.body.is_some() {
            at.fault_in("body", "a body is sent with post only");
        }
        if http.body.is_some() && !http.params.is_empty() {
            at.fault_in("params", "a form and a body cannot both be sent");
        }
    }
}

words! {
    /// How a web service is asked.
    pub enum Method {
        /// With everything in the address.
        Get "get",
        /// With a form or a body.
        Post "post",
    }
}

words! {
    /// How the answer of a web service is read.
    pub enum Answer {
        /// As records, which fill the result set.
        Records "records",
        /// As `true` or `false`: `found` or `not_found`.
        YesNo "yes_no",
    }
}

object! {
    /// Something that a web service is told.
    pub struct Param {
        /// Its name.
        name: crate::text::Key,
        /// Its value.
        value: Template,
    }
}
