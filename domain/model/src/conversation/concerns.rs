//! Which events of a conversation are about what, for those who need only some of them.

/// Matches the events of the groups named, as `events_of!(message filing …)`, where `Event` is the conversation's.
macro_rules! events_of {
    (course) => {
        Event::Opened { .. }
            | Event::ChannelSwitched { .. }
            | Event::Routed { .. }
            | Event::InboxSet { .. }
            | Event::LeftQueue { .. }
    };
    (offer) => {
        Event::Offered { .. }
            | Event::OfferAccepted { .. }
            | Event::OfferRejected { .. }
            | Event::OfferMissed { .. }
            | Event::OfferWithdrawn { .. }
    };
    (message) => {
        Event::MessageReceived { .. }
            | Event::MessageComposed { .. }
            | Event::MessageRewritten { .. }
            | Event::MessageCleared { .. }
            | Event::MessageBlocked { .. }
            | Event::MessageSent { .. }
            | Event::MessageDelivered { .. }
            | Event::MessageFailed { .. }
            | Event::MessageRead { .. }
            | Event::MessageDeleted { .. }
            | Event::ConsentNoted { .. }
    };
    (filing) => {
        Event::RecordAssigned { .. }
            | Event::RecordRemoved { .. }
            | Event::WrapUpAdded { .. }
            | Event::WrapUpEdited { .. }
            | Event::WrapUpRemoved { .. }
            | Event::HandOverSummarised { .. }
    };
    ($first:ident $($rest:ident)+) => {
        $crate::conversation::concerns::events_of!($first) | $crate::conversation::concerns::events_of!($($rest)+)
    };
}

pub(crate) use events_of;
