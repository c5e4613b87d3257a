//! Old forms of events, lifted to today's on reading. What is stored never changes.
//!
//! A *form* is a kind in one version. A [`Step`] takes one old form to none, one or several younger ones: a field gets
//! another shape, a kind another name, one event becomes two, a kind that nobody needs any more is dropped. Steps follow
//! each other until only today's forms are left. The whole chain is checked at the start, so that no stored event is found
//! to be unreadable when a call waits for it; and the golden files of every form ever stored are read by the tests.
//!
//! Aggregates, views and exports read through the same chain, in [`Codec`](crate::codec::Codec). Personal values are open
//! while a step looks at them: `{"$person": id, "$private": value}`, or `"$erased": true`.

use std::collections::{BTreeMap, BTreeSet};

use domain_model::EventDoc;
use serde_json::{Map, Value};

/// The most events that one stored event may become.
pub const FORMS_MAX: usize = 64;

/// The steps of this build, oldest first. Today every kind is in its first version.
pub const STEPS: &[Step] = &[];

/// An event in one of its forms.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// Its kind.
    pub kind: String,
    /// The version of its JSON.
    pub version: u16,
    /// Its fields.
    pub data: Map<String, Value>,
}

/// The way from one old form to younger ones.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// The kind that it takes.
    pub kind: &'static str,
    /// The version that it takes.
    pub version: u16,
    /// Every form that it may give, each of today or the beginning of another step; none if it drops the event.
    pub to: &'static [(&'static str, u16)],
    /// The step itself: fields in, forms out, in the order in which they happened.
    pub lift: fn(Map<String, Value>) -> Result<Vec<Form>, Unfit>,
}

/// The stored fields were not those of the form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unfit {
    /// What is wrong with them, without repeating a value: it may be personal.
    pub reason: &'static str,
}

/// Why the steps do not make a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUpcasts {
    /// Two aggregates declare the same kind.
    #[error("kind {kind} is declared twice")]
    KindTwice {
        /// The kind.
        kind: &'static str,
    },
    /// Two steps begin with the same form.
    #[error("two upcasts take version {version} of {kind}")]
    StepTwice {
        /// The kind.
        kind: &'static str,
        /// The version.
        version: u16,
    },
    /// A step begins with a form of today, or with a later one.
    #[error("an upcast takes version {version} of {kind}, which this build writes in version {current}")]
    NotOld {
        /// The kind.
        kind: &'static str,
        /// The version that it takes.
        version: u16,
        /// The version of today.
        current: u16,
    },
    /// An old form leads nowhere.
    #[error("no upcast takes version {version} of {kind}, which this build writes in version {current}")]
    Gap {
        /// The kind.
        kind: &'static str,
        /// The version that nothing takes.
        version: u16,
        /// The version of today.
        current: u16,
    },
    /// A step leads to a form that there is not.
    #[error(
        "the upcast of version {version} of {kind} leads to version {to_version} of {to_kind}, which is nothing of today and nothing that an upcast takes"
    )]
    UnknownTarget {
        /// The kind that it takes.
        kind: &'static str,
        /// The version that it takes.
        version: u16,
        /// The kind that it leads to.
        to_kind: &'static str,
        /// The version that it leads to.
        to_version: u16,
    },
    /// A step leads back to where it began.
    #[error("the upcast of version {version} of {kind} never comes to a form of today")]
    Circle {
        /// The kind.
        kind: &'static str,
        /// The version.
        version: u16,
    },
}

/// Why a stored event could not be lifted to today's form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LiftError {
    /// Nobody ever stored such a kind, as far as this build knows.
    #[error("the kind {kind} is unknown to this build")]
    UnknownKind {
        /// The kind.
        kind: String,
    },
    /// A later build wrote it.
    #[error("version {version} of {kind} is from a later build: this one knows it up to version {current}")]
    TooNew {
        /// The kind.
        kind: String,
        /// The version found.
        version: u16,
        /// The version of today.
        current: u16,
    },
    /// The stored fields were not those of the form.
    #[error("version {version} of {kind} does not fit its upcast")]
    Unfit {
        /// The kind.
        kind: String,
        /// The version.
        version: u16,
        /// What is wrong.
        source: Unfit,
    },
    /// A step gave a form that it does not name among its own.
    #[error("the upcast of version {version} of {kind} gave what it does not announce")]
    Unannounced {
        /// The kind.
        kind: String,
        /// The version.
        version: u16,
    },
    /// One event became too many.
    #[error("{kind} became more than {FORMS_MAX} events")]
    TooMany {
        /// The kind as stored.
        kind: String,
    },
}

/// The chain of all steps, checked.
#[derive(Debug, Clone)]
pub struct Upcasts {
    current: BTreeMap<&'static str, u16>,
    steps: BTreeMap<(&'static str, u16), Step>,
}

impl Upcasts {
    /// Returns the chain of this build for every aggregate.
    ///
    /// # Errors
    /// [`InvalidUpcasts`], which stops the start.
    pub fn of_this_build() -> Result<Self, InvalidUpcasts> {
        Self::new(domain_model::catalogue(), STEPS)
    }

    /// Checks a chain for some kinds of events.
    ///
    /// # Errors
    /// [`InvalidUpcasts`] unless every version below today's of each kind leads to forms of today.
    pub fn new(
        catalogue: impl IntoIterator<Item = &'static EventDoc>,
        steps: &[Step],
    ) -> Result<Self, InvalidUpcasts> {
        let mut current = BTreeMap::new();
        for doc in catalogue {
            if current.insert(doc.kind, doc.version).is_some() {
                return Err(InvalidUpcasts::KindTwice { kind: doc.kind });
            }
        }
        let mut by_form = BTreeMap::new();
        for step in steps {
            let (kind, version) = (step.kind, step.version);
            match current.get(kind) {
                Some(&current) if version >= current => {
                    return Err(InvalidUpcasts::NotOld {
                        kind,
                        version,
                        current,
                    });
                }
                Some(_) | None => {}
            }
            if by_form.insert((kind, version), *step).is_some() {
                return Err(InvalidUpcasts::StepTwice { kind, version });
            }
        }
        let chain = Self {
            current,
            steps: by_form,
        };
        chain.check_gaps()?;
        chain.check_targets()?;
        chain.check_circles()?;
        Ok(chain)
    }

    fn check_gaps(&self) -> Result<(), InvalidUpcasts> {
        for (&kind, &current) in &self.current {
            let taken = |version: &u16| !self.steps.contains_key(&(kind, *version));
            if let Some(version) = (1..current).find(taken) {
                return Err(InvalidUpcasts::Gap {
                    kind,
                    version,
                    current,
                });
            }
        }
        Ok(())
    }

    fn check_targets(&self) -> Result<(), InvalidUpcasts> {
        for step in self.steps.values() {
            for &(to_kind, to_version) in step.to {
                let known =
                    self.is_current(to_kind, to_version) || self.steps.contains_key(&(to_kind, to_version));
                if !known {
                    return Err(InvalidUpcasts::UnknownTarget {
                        kind: step.kind,
                        version: step.version,
                        to_kind,
                        to_version,
                    });
                }
            }
        }
        Ok(())
    }

    // Settles the steps whose targets are all settled, again and again; what is left over turns in a circle.
    fn check_circles(&self) -> Result<(), InvalidUpcasts> {
        let mut settled = BTreeSet::new();
        loop {
            let before = settled.len();
            for (form, step) in &self.steps {
                let arrives = |to: &(&'static str, u16)| settled.contains(to) || self.is_current(to.0, to.1);
                if step.to.iter().all(arrives) {
                    settled.insert(*form);
                }
            }
            if settled.len() == before {
                break;
            }
        }
        match self.steps.keys().find(|form| !settled.contains(*form)) {
            Some(&(kind, version)) => Err(InvalidUpcasts::Circle { kind, version }),
            None => Ok(()),
        }
    }

    fn is_current(&self, kind: &str, version: u16) -> bool {
        self.current.get(kind) == Some(&version)
    }

    /// Lifts a stored event to forms of today, in the order in which they happened.
    ///
    /// # Errors
    /// [`LiftError`].
    pub fn lift(&self, stored: Form) -> Result<Vec<Form>, LiftError> {
        let mut done = Vec::new();
        // The next one is at the end. It comes to an end itself, because no step leads back.
        let mut waiting = vec![stored];
        while let Some(form) = waiting.pop() {
            if self.is_current(&form.kind, form.version) {
                done.push(form);
                continue;
            }
            let step = self.step(&form)?;
            let (kind, version) = (form.kind, form.version);
            let mut forms = match (step.lift)(form.data) {
                Ok(forms) => forms,
                Err(source) => {
                    return Err(LiftError::Unfit {
                        kind,
                        version,
                        source,
                    });
                }
            };
            let announced = |form: &Form| step.to.contains(&(form.kind.as_str(), form.version));
            if !forms.iter().all(announced) {
                return Err(LiftError::Unannounced { kind, version });
            }
            if done.len() + waiting.len() + forms.len() > FORMS_MAX {
                return Err(LiftError::TooMany { kind });
            }
            forms.reverse();
            waiting.append(&mut forms);
        }
        Ok(done)
    }

    fn step(&self, form: &Form) -> Result<Step, LiftError> {
        let (kind, version) = (form.kind.as_str(), form.version);
        self.steps
            .get(&(kind, version))
            .copied()
            .ok_or_else(|| match self.current.get(kind) {
                Some(&current) if version > current => LiftError::TooNew {
                    kind: kind.to_owned(),
                    version,
                    current,
                },
                Some(_) | None => LiftError::UnknownKind {
                    kind: kind.to_owned(),
                },
            })
    }
}

#[cfg(test)]
mod tests;
