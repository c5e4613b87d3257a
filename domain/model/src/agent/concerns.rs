//! Which events of an agent are about what, for those who need only some of them.

/// Matches the events of the groups named, as `events_of!(setup device …)`, where `Event` is the agent's.
macro_rules! events_of {
    (choice) => {
        Event::SignedIn { .. }
            | Event::SignedOut { .. }
            | Event::StateChosen { .. }
            | Event::NextStateQueued { .. }
            | Event::NextStateDropped { .. }
            | Event::GroupsLoggedIn { .. }
            | Event::GroupsLoggedOut { .. }
            | Event::SetAside { .. }
            | Event::Returned { .. }
    };
    (setup) => {
        Event::ProfileAssigned { .. }
            | Event::GroupJoined { .. }
            | Event::GroupLeft { .. }
            | Event::SkillSet { .. }
            | Event::SkillRemoved { .. }
            | Event::CapacitySet { .. }
            | Event::RingOrderSet { .. }
    };
    (device) => {
        Event::DeviceRegistered { .. }
            | Event::DeviceExpired { .. }
            | Event::DeviceUnreachable { .. }
            | Event::DeviceReachable { .. }
            | Event::DeviceRemoved { .. }
    };
    (monitor) => {
        Event::MonitorStarted { .. } | Event::MonitorChanged { .. } | Event::MonitorEnded { .. }
    };
    ($first:ident $($rest:ident)+) => {
        $crate::agent::concerns::events_of!($first) | $crate::agent::concerns::events_of!($($rest)+)
    };
}

pub(crate) use events_of;
