//! Both dialects tell of the same records: whatever is done through either, reads of both agree
//! with a [model](model) of what it did.
//!
//! Steps are drawn by chance and taken on a server and on the model. The model says whether a step
//! is refused, what its answer is, and after each [`TURN`] steps, what every list and everything
//! that was changed looks like. Steps are data, so that when both do not agree, those that do not
//! matter can be left out, and the few that do are printed.
//!
//! `AGREEMENT_SEEDS=100-199` takes other seeds than the fixed ones.

mod arize;
mod body;
mod children;
mod compare;
mod conductor;
mod draw;
mod draw_arize;
mod facts;
mod kinds;
mod model;
mod run;
mod views;

use crate::dice::{Dice, seeds};
use run::{Agreed, Run, Step};

/// How many steps each seed is good for.
const STEPS: usize = 500;

/// How many of them are taken between two comparisons of everything.
const TURN: usize = 5;

/// How often a run that fails is tried again with fewer steps.
const TRIES: usize = 40;

#[test]
fn both_dialects_agree_with_one_model_of_the_records() {
    let seeds = seeds("AGREEMENT_SEEDS", 1..=4);
    std::thread::scope(|scope| {
        for part in 0..2 {
            let seeds = seeds.clone().filter(move |seed| seed % 2 == part);
            scope.spawn(|| seeds.for_each(agrees));
        }
    });
}

/// Fails, with the steps that matter, if there is anything that both do not agree on.
fn agrees(seed: u64) {
    let mut taken = vec![];
    if let Err(why) = drawn(seed, &mut taken) {
        eprintln!("seed {seed}, step {}: {why}", taken.len());
        let (why, steps) = shortened(taken, why);
        let log: Vec<_> = steps.iter().map(|step| format!("{step:?}")).collect();
        panic!("seed {seed}: {why}\nafter\n{}", log.join("\n"));
    }
}

/// Takes steps that are drawn as they come, and remembers them.
fn drawn(seed: u64, taken: &mut Vec<Step>) -> Agreed {
    let mut dice = Dice::new(seed);
    let mut run = Run::start();
    for number in 1..=STEPS {
        let step = draw::step(number, &run.model, &mut dice);
        taken.push(step.clone());
        run.take(&step)?;
        if number % TURN == 0 {
            run.compare(number / TURN)?;
        }
    }
    run.compare(0)
}

/// Takes these steps, and compares everything where it was compared at first.
fn retaken(steps: &[Step]) -> Agreed {
    let mut run = Run::start();
    for step in steps {
        run.take(step)?;
        if step.number % TURN == 0 {
            run.compare(step.number / TURN)?;
        }
    }
    run.compare(0)
}

/// Fewer steps that fail too, and how they do.
fn shortened(mut steps: Vec<Step>, mut why: String) -> (String, Vec<Step>) {
    let mut size = steps.len().div_ceil(2);
    let mut first = 0;
    for _ in 0..TRIES {
        let end = (first + size).min(steps.len());
        let fewer = [&steps[..first], &steps[end..]].concat();
        match retaken(&fewer) {
            Err(other) => (steps, why) = (fewer, other),
            Ok(()) => first = end,
        }
        if first >= steps.len() {
            if size == 1 {
                break;
            }
            (size, first) = (size.div_ceil(2), 0);
        }
    }
    (why, steps)
}
