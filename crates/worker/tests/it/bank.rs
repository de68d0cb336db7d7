//! A payment service in memory, which does what a plan says, and counts what it did.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use domain::{ids::ApprovalId, money::Money};
use providers::payouts::{Order, PayoutProvider, Told};

/// What it does with the next question; `Obey` when nothing is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Pays what it was not asked to pay before, and tells the truth.
    Obey,
    /// Takes it, and pays later, when told to.
    Take,
    /// Does it, and the answer is lost.
    DoAndVanish,
    /// The answer is that it could not be asked.
    Vanish,
    /// It never got it.
    NotTaken,
    Refuse,
}

#[derive(Default)]
struct Book {
    plan: VecDeque<Plan>,
    lookups: VecDeque<Plan>,
    /// How often money left for each, and how much the last time.
    paid: BTreeMap<ApprovalId, (u32, Money)>,
    taken: BTreeMap<ApprovalId, Money>,
    asked: u32,
    looked_up: u32,
}

#[derive(Clone, Default)]
pub struct Bank(Arc<Mutex<Book>>);

impl Bank {
    fn book<T>(&self, read: impl FnOnce(&mut Book) -> T) -> T {
        read(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// For what is handed over, and for what is looked up.
    pub fn plan(&self, plan: &[Plan], lookups: &[Plan]) {
        self.book(|book| {
            book.plan = plan.iter().copied().collect();
            book.lookups = lookups.iter().copied().collect();
        });
    }

    /// How often money left for it.
    pub fn paid(&self, id: ApprovalId) -> u32 {
        self.book(|book| book.paid.get(&id).map_or(0, |(times, _)| *times))
    }

    pub fn arrived(&self, id: ApprovalId) -> Option<Money> {
        self.book(|book| book.paid.get(&id).map(|(_, amount)| *amount))
    }

    /// How often it was handed something, and asked what became of something.
    pub fn questions(&self) -> (u32, u32) {
        self.book(|book| (book.asked, book.looked_up))
    }

    /// What was taken is paid now.
    pub fn pay_what_was_taken(&self) {
        self.book(|book| {
            for (id, amount) in std::mem::take(&mut book.taken) {
                pay(book, id, amount);
            }
        });
    }
}

/// Counts each time: whoever hands one over twice after it was paid is found out.
fn pay(book: &mut Book, id: ApprovalId, amount: Money) {
    let paid = book.paid.entry(id).or_insert((0, amount));
    *paid = (paid.0 + 1, amount);
}

fn reference() -> Option<String> {
    Some("BK-1".to_owned())
}

fn why() -> String {
    "no answer within the time limit".to_owned()
}

#[async_trait]
impl PayoutProvider for Bank {
    fn name(&self) -> &'static str {
        "webhook"
    }

    async fn pay(&self, order: &Order) -> Told {
        // A place where whoever asks may die before it was heard, and after.
        tokio::task::yield_now().await;
        let told = self.book(|book| {
            book.asked += 1;
            let plan = book.plan.pop_front().unwrap_or(Plan::Obey);
            match plan {
                Plan::Obey | Plan::DoAndVanish => pay(book, order.id, order.amount),
                Plan::Take => drop(book.taken.insert(order.id, order.amount)),
                Plan::Vanish | Plan::NotTaken | Plan::Refuse => {}
            }
            match plan {
                Plan::Obey => Told::Paid {
                    reference: reference(),
                },
                Plan::Take => Told::Taken {
                    reference: reference(),
                },
                Plan::DoAndVanish | Plan::Vanish => Told::Unknown { why: why() },
                Plan::NotTaken => Told::NotTaken {
                    why: "too many requests".to_owned(),
                },
                Plan::Refuse => Told::Failed {
                    why: "no such account".to_owned(),
                },
            }
        });
        tokio::task::yield_now().await;
        told
    }

    async fn look_up(&self, order: &Order, _: Option<&str>) -> Told {
        tokio::task::yield_now().await;
        self.book(|book| {
            book.looked_up += 1;
            let is_silent = matches!(book.lookups.pop_front(), Some(Plan::Vanish));
            match (
                is_silent,
                book.paid.contains_key(&order.id),
                book.taken.contains_key(&order.id),
            ) {
                (true, ..) => Told::Unknown { why: why() },
                (_, true, _) => Told::Paid {
                    reference: reference(),
                },
                (_, _, true) => Told::Taken {
                    reference: reference(),
                },
                _ => Told::NotTaken {
                    why: "it is not known here".to_owned(),
                },
            }
        })
    }
}
