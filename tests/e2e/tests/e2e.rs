//! The whole with real peers, through public doors only.

mod crash;
mod kurrent;
