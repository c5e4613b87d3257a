//! The walks of the platform with real peers, through public doors only; its tests are the crate.
