//! Every row of the published reference table, by simulation: the interval holds the formula, and the formula is the
//! table's figure to its last digit.
//!
//! In a row of fewer than 60 agents the interval is so narrow that one agent fewer would be noticed; in those with short
//! calls or of long runs, too, that each call keeps its agent a second longer, in hand or idle after it.
//!
//! A run is as long as its figure needs, and hardly longer. Mean waits depend on few long bursts, and in a large crowd
//! of agents a burst is felt by many callers; what happens once in a hundred calls is seen seldom. There a wider interval
//! must do, for half of it would take four times as long.

use domain_model::Millis;
use domain_model::staffing::{Delay, Load, blocked, delay, impatience};

use super::{Done, Said, Seen, agents, all, load, mean_wait, occupancy, share};
use crate::steady::Steady;

/// How far a share may be met from the formula.
const CLOSE: f64 = 0.11;
/// The same for mean waits, and for shares of a large or a nearly full crowd.
const FAIR: f64 = 0.35;
/// The same for what is so rare that the run of a minute sees a few hundred of it, all in a few bursts.
const RARE: f64 = 0.45;
/// The same for how busy agents are, which hardly depends on chance.
const BUSY: f64 = 0.01;

/// What a row must notice.
const ONE_FEWER: &str = "one agent fewer";
const A_SECOND: &str = "a second more after each call";
/// Of so many agents nobody misses one who is gone.
const FEW: u64 = 60;

fn a_second_longer(steady: &Steady) -> Load {
    let load = load(steady);
    Load {
        handling: load.handling + 1.0,
        ..load
    }
}

const fn steady(agents: u64, gap: u64, talk: u64) -> Steady {
    Steady {
        // Each row has its own calls.
        seed: 1_000 * agents + gap % 997,
        agents,
        gap: Millis(gap),
        talk: Millis(talk),
        patience: None,
        urgent: 0,
    }
}

fn waits_at_all(batch: &[&Done]) -> f64 {
    share(batch, |done| done.wait > 0.0)
}

fn gives_up(batch: &[&Done]) -> f64 {
    share(batch, |done| !done.answered)
}

/// What the table says where nobody leaves.
struct ErlangC {
    waits: &'static str,
    mean_wait: &'static str,
    within: Millis,
    answered_within: &'static str,
    occupancy: &'static str,
    // How far shares may be met from the formula.
    shares: f64,
    // What is noticed by how busy agents are.
    notices: &'static [&'static str],
}

fn nobody_leaves(steady: Steady, batch: usize, table: &ErlangC) {
    let formula = delay(load(&steady), agents(&steady)).expect("they keep up");
    let seen = Seen::of(steady, batch);
    // Fewer would not keep up at all in the first row, which nobody could miss.
    let fewer = delay(load(&steady), agents(&steady) - 1);
    let longer = delay(a_second_longer(&steady), agents(&steady));
    let mistaken = |notices: &[&str], figure: fn(&Delay) -> f64| {
        let all = [(ONE_FEWER, &fewer), (A_SECOND, &longer)].into_iter();
        let noticed = all.filter(|(what, _)| notices.contains(what));
        noticed
            .filter_map(|(what, delay)| Some((what, figure(delay.as_ref()?))))
            .collect()
    };
    let said = |what, formula, table, within, mistaken| Said {
        what,
        formula,
        table,
        within,
        mistaken,
    };
    let waits = mistaken(&[ONE_FEWER], |delay| delay.waits);
    seen.expect(
        &said("waits at all", formula.waits, table.waits, table.shares, waits),
        waits_at_all,
        all,
    );
    let mean_waits = mistaken(&[ONE_FEWER], |delay| delay.mean_wait);
    seen.expect(
        &said(
            "mean wait, s",
            formula.mean_wait,
            table.mean_wait,
            FAIR,
            mean_waits,
        ),
        mean_wait,
        all,
    );
    let limit = table.within.0 as f64 / 1000.0;
    seen.expect(
        &said(
            "answered in time",
            formula.answered_within(table.within),
            table.answered_within,
            table.shares,
            Vec::new(),
        ),
        |batch| share(batch, |done| done.wait <= limit),
        all,
    );
    let agents = agents(&steady);
    let occupancies = mistaken(table.notices, |delay| delay.occupancy);
    seen.expect(
        &said("occupancy", formula.occupancy, table.occupancy, BUSY, occupancies),
        |batch| occupancy(batch, agents),
        all,
    );
}

fn so_many_wait(agents: u64, gap: u64, batch: usize, within: f64, table: &'static str) {
    let steady = steady(agents, gap, 180_000);
    let formula = delay(load(&steady), self::agents(&steady))
        .expect("they keep up")
        .waits;
    let said = Said {
        what: "waits at all",
        formula,
        table,
        within,
        mistaken: delay(load(&steady), self::agents(&steady) - 1)
            .map(|delay| (ONE_FEWER, delay.waits))
            .into_iter()
            .filter(|_| steady.agents < FEW)
            .collect(),
    };
    Seen::of(steady, batch).expect(&said, waits_at_all, all);
}

// Whoever is offered to nobody within a millisecond is gone.
fn so_many_are_lost(agents: u64, gap: u64, batch: usize, within: f64, table: &'static str) {
    let steady = Steady {
        patience: Some(Millis(0)),
        ..steady(agents, gap, 180_000)
    };
    let formula = blocked(load(&steady).traffic(), self::agents(&steady));
    let fewer = blocked(load(&steady).traffic(), self::agents(&steady) - 1);
    let fewer = Some((ONE_FEWER, fewer));
    let said = Said {
        what: "lost",
        formula,
        table,
        within,
        mistaken: fewer.into_iter().filter(|_| steady.agents < FEW).collect(),
    };
    Seen::of(steady, batch).expect(&said, gives_up, all);
}

/// What the table says of callers who lose patience.
struct ErlangA {
    patience: Millis,
    abandons: &'static str,
    mean_wait: &'static str,
    occupancy: &'static str,
    // How far what is rare may be met from the formula.
    within: f64,
    // What the share of those who give up must notice.
    notices: &'static [&'static str],
}

fn they_lose_patience(steady: Steady, batch: usize, table: &ErlangA) {
    let steady = Steady {
        patience: Some(table.patience),
        ..steady
    };
    let patience = table.patience.0 as f64 / 1000.0;
    let formula = impatience(load(&steady), agents(&steady), patience);
    let seen = Seen::of(steady, batch);
    let fewer = impatience(load(&steady), agents(&steady) - 1, patience);
    let longer = impatience(a_second_longer(&steady), agents(&steady), patience);
    let said = |what, formula, table, within, mistaken| Said {
        what,
        formula,
        table,
        within,
        mistaken,
    };
    let of_calls = [(ONE_FEWER, fewer.abandons), (A_SECOND, longer.abandons)];
    let of_calls = of_calls
        .into_iter()
        .filter(|(what, _)| table.notices.contains(what));
    let abandons = of_calls.collect();
    seen.expect(
        &said(
            "abandons",
            formula.abandons,
            table.abandons,
            table.within,
            abandons,
        ),
        gives_up,
        all,
    );
    seen.expect(
        &said(
            "mean wait, s",
            formula.mean_wait,
            table.mean_wait,
            table.within,
            Vec::new(),
        ),
        mean_wait,
        all,
    );
    seen.expect(
        &said("waits at all", formula.waits, "", FAIR, Vec::new()),
        waits_at_all,
        all,
    );
    let agents = agents(&steady);
    seen.expect(
        &said("occupancy", formula.occupancy, table.occupancy, BUSY, Vec::new()),
        |batch| occupancy(batch, agents),
        all,
    );
}

#[test]
fn eleven_agents_with_ten_erlangs_wait_as_erlang_c_says() {
    let table = ErlangC {
        waits: ".6821",
        mean_wait: "122.78",
        within: Millis(20_000),
        answered_within: ".3896",
        occupancy: "",
        shares: FAIR,
        notices: &[ONE_FEWER],
    };
    nobody_leaves(steady(11, 18_000, 180_000), 1_250, &table);
}

#[test]
fn twelve_agents_with_ten_erlangs_wait_as_erlang_c_says() {
    let table = ErlangC {
        waits: ".4494",
        mean_wait: "40.44",
        within: Millis(20_000),
        answered_within: ".6402",
        occupancy: "",
        shares: CLOSE,
        notices: &[ONE_FEWER],
    };
    nobody_leaves(steady(12, 18_000, 180_000), 1_050, &table);
}

#[test]
fn thirteen_agents_with_ten_erlangs_wait_as_erlang_c_says() {
    let table = ErlangC {
        waits: ".2853",
        mean_wait: "17.12",
        within: Millis(20_000),
        answered_within: ".7956",
        occupancy: "",
        shares: FAIR,
        notices: &[ONE_FEWER],
    };
    nobody_leaves(steady(13, 18_000, 180_000), 750, &table);
}

#[test]
fn fourteen_agents_with_ten_erlangs_wait_as_erlang_c_says() {
    let table = ErlangC {
        waits: ".1741",
        mean_wait: "7.84",
        within: Millis(20_000),
        answered_within: ".8884",
        occupancy: "",
        shares: FAIR,
        notices: &[ONE_FEWER],
    };
    nobody_leaves(steady(14, 18_000, 180_000), 750, &table);
}

#[test]
fn fifteen_agents_with_ten_erlangs_wait_as_erlang_c_says() {
    let table = ErlangC {
        waits: ".1020",
        mean_wait: "3.67",
        within: Millis(20_000),
        answered_within: ".9415",
        occupancy: "",
        shares: FAIR,
        notices: &[ONE_FEWER, A_SECOND],
    };
    nobody_leaves(steady(15, 18_000, 180_000), 1_400, &table);
}

#[test]
fn the_published_example_of_55_agents_waits_as_erlang_c_says() {
    let table = ErlangC {
        waits: ".238701",
        mean_wait: "8.18",
        within: Millis(15_000),
        answered_within: ".845883",
        occupancy: ".8727",
        shares: FAIR,
        notices: &[ONE_FEWER, A_SECOND],
    };
    nobody_leaves(steady(55, 5_000, 240_000), 4_600, &table);
}

#[test]
fn a_handful_of_agents_lets_so_many_wait_as_erlang_c_says() {
    so_many_wait(1, 360_000, 125, CLOSE, ".5");
    so_many_wait(2, 180_000, 125, CLOSE, ".333333");
    so_many_wait(6, 36_000, 500, CLOSE, ".587516");
}

#[test]
fn eight_and_ten_agents_let_so_many_wait_as_erlang_c_says() {
    so_many_wait(8, 36_000, 875, CLOSE, ".167267");
    so_many_wait(10, 22_500, 1_000, FAIR, ".409180");
}

#[test]
fn a_hundred_agents_let_so_many_wait_as_erlang_c_says() {
    so_many_wait(100, 2_000, 1_500, RARE, ".216940");
}

#[test]
fn a_handful_of_agents_loses_so_many_as_erlang_b_says() {
    so_many_are_lost(1, 180_000, 75, CLOSE, ".5");
    so_many_are_lost(2, 180_000, 125, CLOSE, ".2");
    so_many_are_lost(5, 36_000, 125, CLOSE, ".284868");
    so_many_are_lost(10, 18_000, 250, CLOSE, ".214582");
}

// Seldom means that few are seen: one in fifty of five Erlangs.
#[test]
fn five_and_ten_erlangs_seldom_lose_callers_as_erlang_b_says() {
    so_many_are_lost(10, 36_000, 750, FAIR, ".018385");
    so_many_are_lost(15, 18_000, 625, FAIR, ".036497");
}

// One in a hundred.
#[test]
fn twenty_and_fifty_erlangs_seldom_lose_callers_as_erlang_b_says() {
    so_many_are_lost(30, 9_000, 1_000, RARE, ".008457");
    so_many_are_lost(60, 3_600, 750, FAIR, ".021668");
}

#[test]
fn a_hundred_erlangs_seldom_lose_callers_as_erlang_b_says() {
    so_many_are_lost(117, 1_800, 1_000, RARE, ".009790");
}

#[test]
fn too_few_agents_lose_callers_as_erlang_a_says() {
    let table = ErlangA {
        patience: Millis::from_secs(120),
        abandons: ".25798",
        mean_wait: "30.96",
        occupancy: ".9275",
        within: FAIR,
        notices: &[ONE_FEWER],
    };
    they_lose_patience(steady(8, 18_000, 180_000), 500, &table);
}

#[test]
fn just_enough_agents_lose_callers_as_erlang_a_says() {
    let table = ErlangA {
        patience: Millis::from_secs(120),
        abandons: ".13746",
        mean_wait: "16.50",
        occupancy: ".8625",
        within: FAIR,
        notices: &[ONE_FEWER],
    };
    they_lose_patience(steady(10, 18_000, 180_000), 750, &table);
}

#[test]
fn enough_agents_lose_callers_as_erlang_a_says() {
    let table = ErlangA {
        patience: Millis::from_secs(120),
        abandons: ".06160",
        mean_wait: "7.39",
        occupancy: ".7820",
        within: FAIR,
        notices: &[ONE_FEWER],
    };
    they_lose_patience(steady(12, 18_000, 180_000), 750, &table);
}

#[test]
fn ninety_agents_with_a_hundred_erlangs_lose_callers_as_erlang_a_says() {
    let table = ErlangA {
        patience: Millis::from_secs(120),
        abandons: ".10336",
        mean_wait: "12.40",
        occupancy: "",
        within: FAIR,
        notices: &[],
    };
    they_lose_patience(steady(90, 600, 60_000), 500, &table);
}

#[test]
fn a_hundred_agents_with_a_hundred_erlangs_lose_callers_as_erlang_a_says() {
    let table = ErlangA {
        patience: Millis::from_secs(120),
        abandons: ".03303",
        mean_wait: "3.96",
        occupancy: "",
        within: FAIR,
        notices: &[ONE_FEWER, A_SECOND],
    };
    they_lose_patience(steady(100, 600, 60_000), 750, &table);
}

#[test]
fn a_hundred_and_ten_agents_with_a_hundred_erlangs_lose_callers_as_erlang_a_says() {
    let table = ErlangA {
        patience: Millis::from_secs(120),
        abandons: ".00599",
        mean_wait: ".72",
        occupancy: "",
        within: RARE,
        notices: &[A_SECOND],
    };
    they_lose_patience(steady(110, 600, 60_000), 2_500, &table);
}

#[test]
fn forty_five_agents_with_48_erlangs_lose_callers_as_erlang_a_says() {
    let table = ErlangA {
        patience: Millis::from_secs(180),
        abandons: ".09778",
        mean_wait: "",
        occupancy: "",
        within: FAIR,
        notices: &[ONE_FEWER],
    };
    they_lose_patience(steady(45, 5_000, 240_000), 500, &table);
}

#[test]
fn forty_eight_agents_with_48_erlangs_lose_callers_as_erlang_a_says() {
    let table = ErlangA {
        patience: Millis::from_secs(180),
        abandons: ".06159",
        mean_wait: "",
        occupancy: "",
        within: FAIR,
        notices: &[ONE_FEWER],
    };
    they_lose_patience(steady(48, 5_000, 240_000), 750, &table);
}

#[test]
fn fifty_agents_with_48_erlangs_lose_callers_as_erlang_a_says() {
    let table = ErlangA {
        patience: Millis::from_secs(180),
        abandons: ".04301",
        mean_wait: "",
        occupancy: "",
        within: FAIR,
        notices: &[ONE_FEWER],
    };
    they_lose_patience(steady(50, 5_000, 240_000), 750, &table);
}
