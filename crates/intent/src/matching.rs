//! Finding what a customer names in a tenant's own catalogue: words and letter trigrams, forgiving of case, accents,
//! plurals and typing errors. Never knows prices, and never invents an item.

use std::collections::HashMap;

use crate::words;

/// One item's searchable text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The item's place in the list the index was made of.
    pub key: usize,
    /// Name, category and SKU, folded and without plural endings.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    pub index: usize,
    /// 0 (nothing in common) to 1 (the very name).
    pub score: f32,
}

impl Match {
    /// Below this the item is only "the nearest we have", not what was asked for.
    pub const FOUND: f32 = 0.5;

    pub fn is_found(&self) -> bool {
        self.score >= Self::FOUND
    }

    /// Whether `best` alone is meant: found, and clearly better than the next.
    pub fn is_clear(best: &Match, second: Option<&Match>) -> bool {
        best.is_found()
            && second.is_none_or(|second| {
                let lead = best.score - second.score;
                lead >= 0.15 || (best.score >= 0.97 && lead >= 0.02)
            })
    }
}

type Gram = [u8; 3];

/// An index of one catalogue. Cheap to build (10,000 items in some tens of milliseconds); keep it while the catalogue
/// does not change.
#[derive(Debug, Default)]
pub struct CatalogueIndex {
    entries: Vec<Indexed>,
    words: HashMap<String, Vec<u32>>,
    grams: HashMap<Gram, Vec<u32>>,
}

#[derive(Debug)]
struct Indexed {
    entry: Entry,
    name: String,
    name_words: Vec<String>,
    name_grams: usize,
}

impl CatalogueIndex {
    /// `items`: name, category, SKU.
    pub fn new(items: &[(String, Option<String>, Option<String>)]) -> Self {
        let mut index = Self::default();
        for (key, (name, category, sku)) in items.iter().enumerate() {
            let name_words = stems(name);
            let name = name_words.join(" ");
            let name_grams = grams(&name);
            let place = u32::try_from(key).unwrap_or(u32::MAX);
            let mut all = name_words.clone();
            for extra in [category, sku].into_iter().flatten() {
                all.extend(stems(extra));
            }
            let text = all.join(" ");
            all.sort_unstable();
            all.dedup();
            for word in all {
                index.words.entry(word).or_default().push(place);
            }
            for gram in &name_grams {
                index.grams.entry(*gram).or_default().push(place);
            }
            let entry = Entry { key, text };
            index.entries.push(Indexed {
                entry,
                name,
                name_words,
                name_grams: name_grams.len(),
            });
        }
        index
    }

    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().map(|indexed| &indexed.entry)
    }

    /// The best `limit` items, best first; equal scores in catalogue order. Items with nothing in common are left out.
    pub fn best(&self, query: &str, limit: usize) -> Vec<Match> {
        let asked = stems(query);
        let asked_name = asked.join(" ");
        let asked_grams = grams(&asked_name);
        if asked_grams.is_empty() {
            return Vec::new();
        }
        // Rare words say more: a word of half the catalogue is worth little.
        let total = self.entries.len() as f32;
        let weights: Vec<f32> = asked
            .iter()
            .map(|word| {
                self.words
                    .get(word)
                    .map_or(1.0, |places| (1.0 + total / places.len() as f32).ln())
            })
            .collect();
        let full: f32 = weights.iter().sum();
        let mut in_words = vec![0_f32; self.entries.len()];
        for (word, weight) in asked.iter().zip(&weights) {
            for place in self.words.get(word).into_iter().flatten() {
                if let Some(score) = in_words.get_mut(*place as usize) {
                    *score += weight;
                }
            }
        }
        let mut shared = vec![0_u16; self.entries.len()];
        for gram in &asked_grams {
            for place in self.grams.get(gram).into_iter().flatten() {
                if let Some(count) = shared.get_mut(*place as usize) {
                    *count = count.saturating_add(1);
                }
            }
        }
        let mut found: Vec<Match> = Vec::new();
        for (index, item) in self.entries.iter().enumerate() {
            let (words, grams) = (in_words[index], f32::from(shared[index]));
            if words == 0.0 && grams == 0.0 {
                continue;
            }
            let score = if item.name == asked_name {
                1.0
            } else {
                let dice = 2.0 * grams / (asked_grams.len() + item.name_grams) as f32;
                let contained = grams / asked_grams.len() as f32;
                let covered = if full > 0.0 { words / full } else { 0.0 };
                let exact = item.name_words.iter().filter(|word| asked.contains(word)).count() as f32;
                let named = exact / item.name_words.len().max(1) as f32;
                // What was asked counts most; how much of the name it is decides between "kettle" and "kettle stand".
                let by_name = (0.45 * covered + 0.25 * contained + 0.15 * dice + 0.13 * named)
                    .max(0.85 * dice)
                    .min(0.99);
                // Every word is there, if only in the category or the SKU.
                if covered > 0.999 {
                    by_name.max(0.55)
                } else {
                    by_name
                }
            };
            found.push(Match { index, score });
        }
        let better = |a: &Match, b: &Match| b.score.total_cmp(&a.score).then(a.index.cmp(&b.index));
        if found.len() > limit && limit > 0 {
            found.select_nth_unstable_by(limit - 1, better);
        }
        found.truncate(limit);
        found.sort_by(better);
        found
    }
}

/// Words that say nothing about an item.
const EMPTY_WORDS: &[&str] = &[
    "the", "a", "an", "of", "for", "and", "with", "de", "la", "el", "le", "du", "ya", "wa", "za", "cha", "na",
];

/// Folded words without plural endings.
fn stems(text: &str) -> Vec<String> {
    let folded = words::fold(text);
    let all: Vec<String> = folded
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(stem)
        .collect();
    let telling: Vec<String> = all
        .iter()
        .filter(|word| !EMPTY_WORDS.contains(&word.as_str()))
        .cloned()
        .collect();
    if telling.is_empty() { all } else { telling }
}

fn stem(word: &str) -> String {
    let long = word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let ending = |end: &str| word.strip_suffix(end);
    if !long {
        word.to_owned()
    } else if let Some(rest) = ending("ies").filter(|rest| rest.len() > 2) {
        format!("{rest}y")
    } else if let Some(rest) = ending("es")
        .filter(|rest| rest.ends_with("sh") || rest.ends_with("ch") || rest.ends_with(['x', 's', 'z']))
    {
        rest.to_owned()
    } else if let Some(rest) = ending("s").filter(|rest| !rest.ends_with(['s', 'u', 'i'])) {
        rest.to_owned()
    } else {
        word.to_owned()
    }
}

/// The different trigrams of a text's words, each word padded at both ends.
fn grams(folded: &str) -> Vec<Gram> {
    let mut list = Vec::new();
    for word in folded.split(' ').filter(|word| !word.is_empty()) {
        let padded: Vec<u8> = [b"^".as_slice(), word.as_bytes(), b"$".as_slice()].concat();
        list.extend(padded.windows(3).filter_map(|window| Gram::try_from(window).ok()));
    }
    list.sort_unstable();
    list.dedup();
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(names: &[&str]) -> CatalogueIndex {
        CatalogueIndex::new(
            &names
                .iter()
                .map(|name| ((*name).to_owned(), None, None))
                .collect::<Vec<_>>(),
        )
    }

    const SHOP: &[&str] = &[
        "Kettle",
        "Electric kettle 2L",
        "Kettle stand",
        "Men's shoes",
        "School shoes",
        "Watch box",
        "Crème brûlée",
        "Phone charger 20W",
        "Samsung phone A15",
        "Glass dish",
        "Baby diapers",
    ];

    #[test]
    fn what_is_named_is_found_first() {
        let shop = index(SHOP);
        let check = |query: &str, expect: Option<&str>| {
            let best = shop.best(query, 3);
            let first = best
                .first()
                .filter(|first| first.is_found())
                .map(|first| SHOP[first.index]);
            assert_eq!(first, expect, "{query:?}: {best:?}");
        };
        check("kettle", Some("Kettle"));
        check("KETTLES", Some("Kettle"));
        check("ketle", Some("Kettle"));
        check("electric kettle", Some("Electric kettle 2L"));
        check("mens shoes", Some("Men's shoes"));
        check("men's shoe", Some("Men's shoes"));
        check("creme brulee", Some("Crème brûlée"));
        check("charger", Some("Phone charger 20W"));
        check("samsung", Some("Samsung phone A15"));
        check("diaper", Some("Baby diapers"));
        check("dishes", Some("Glass dish"));
        check("motor oil", None);
        check("xyz", None);
        check("", None);
        check("?!", None);
    }

    #[test]
    fn a_category_and_a_sku_are_names_too() {
        let shop = CatalogueIndex::new(&[
            ("Thermos".into(), Some("Drinkware".into()), Some("TH-100".into())),
            ("Apron".into(), Some("Textiles".into()), None),
        ]);
        assert_eq!(
            shop.best("drinkware", 1)
                .first()
                .map(|found| (found.index, found.is_found())),
            Some((0, true))
        );
        assert_eq!(
            shop.best("TH-100", 1)
                .first()
                .map(|found| (found.index, found.is_found())),
            Some((0, true))
        );
        assert_eq!(
            shop.entries().next().map(|entry| entry.text.as_str()),
            Some("thermo drinkware th 100")
        );
    }

    #[test]
    fn a_clear_winner_is_told_from_a_tie() {
        let shop = index(SHOP);
        let clear = |query: &str| {
            let best = shop.best(query, 2);
            best.first()
                .is_some_and(|first| Match::is_clear(first, best.get(1)))
        };
        assert!(clear("kettle"), "{:?}", shop.best("kettle", 2));
        assert!(clear("mens shoes"), "{:?}", shop.best("mens shoes", 2));
        assert!(!clear("shoes"), "{:?}", shop.best("shoes", 2));
        assert!(!clear("phone"), "{:?}", shop.best("phone", 2));
        assert!(!clear("motor oil"));
    }

    #[test]
    fn ten_thousand_items_are_searched_in_a_moment() {
        let kinds = [
            "Kettle", "Shoes", "Phone", "Dress", "Watch", "Perfume", "Blanket", "Pan", "Bag", "Lamp",
        ];
        let items: Vec<_> = (0..10_000)
            .map(|n| {
                (
                    format!("{} model {n}", kinds[n % kinds.len()]),
                    Some("Home".to_owned()),
                    None,
                )
            })
            .collect();
        let shop = CatalogueIndex::new(&items);
        let quickest = (0..10)
            .map(|n| {
                let query = format!("kettle model {}", n * 990);
                let started = std::time::Instant::now();
                let best = shop.best(&query, 9);
                let took = started.elapsed();
                assert_eq!(best.first().map(|found| found.index), Some(n * 990), "{query}");
                took
            })
            .min();
        // About a millisecond when optimised; an unoptimised build on a busy machine gets a hundred times that.
        assert!(
            quickest.is_some_and(|took| took.as_millis() < 100),
            "{quickest:?}"
        );
    }
}
