//! The cheap slots: day, time, how many; and the item, which is what is left when everything known is taken away.

use domain::intents::{Intent, SlotValue, Slots};

use super::cues::is_in;
use crate::words::Token;

pub(super) const DAY_WORDS: &str = "
    today | tomorrow | tmrw | tonight | monday | tuesday | wednesday | thursday | friday | saturday |
    sunday | weekend | leo | kesho | kesh | kutwa | jumatatu | jumanne | jumatano | alhamisi | ijumaa |
    jumamosi | jumapili | sato | hoy | manana | lunes | martes | miercoles | jueves | viernes | sabado |
    domingo | hoje | amanha | segunda | terca | quarta | quinta | sexta | demain | lundi | mardi |
    mercredi | jeudi | vendredi | samedi | dimanche | aaj | kal | parso | somvar | mangalvar | budhvar |
    guruvar | shukravar | shanivar | ravivar";
/// Days made of more than one word.
const DAY_PHRASES: &[&[&str]] = &[
    &["next", "week"],
    &["this", "week"],
    &["this", "weekend"],
    &["kesho", "kutwa"],
    &["wiki", "ijayo"],
    &["proxima", "semana"],
    &["la", "proxima", "semana"],
    &["pasado", "manana"],
    &["depois", "de", "amanha"],
    &["semana", "que", "vem"],
    &["la", "semaine", "prochaine"],
    &["semaine", "prochaine"],
    &["apres", "demain"],
    &["aujourd", "hui"],
    &["agle", "hafte"],
    &["day", "after", "tomorrow"],
];
const TIME_WORDS: &str = "
    morning | afternoon | evening | noon | midday | asubuhi | mchana | jioni | usiku | subah | dopahar |
    shaam | matin | tarde | manha | midi";
const NUMBERS: &[(&str, i64)] = &[
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("ten", 10),
    ("dozen", 12),
    ("moja", 1),
    ("mbili", 2),
    ("tatu", 3),
    ("nne", 4),
    ("tano", 5),
    ("sita", 6),
    ("saba", 7),
    ("nane", 8),
    ("tisa", 9),
    ("kumi", 10),
    ("uno", 1),
    ("dos", 2),
    ("tres", 3),
    ("cuatro", 4),
    ("cinco", 5),
    ("dois", 2),
    ("duas", 2),
    ("quatro", 4),
    ("deux", 2),
    ("trois", 3),
    ("quatre", 4),
    ("cinq", 5),
    ("ek", 1),
    ("do", 0),
    ("teen", 3),
    ("char", 4),
    ("paanch", 5),
];
/// Words around an item that are not its name.
const FILLERS: &str = "
    the | a | an | of | for | to | my | your | me | i | it | is | are | this | that | these | those |
    please | pls | plz | kindly | asap | in | on | at | and | have | has | you | do | does | did | can |
    some | any | there | what | which | with | from | still | now | here | about | be | was | ok | hi |
    hello | hey | ya | wa | za | la | cha | vya | kwa | na | ni | je | iko | ipo | zipo | hiyo | hizo |
    hii | yangu | yenu | zenu | msee | buda | bana | manze | bro | tafadhali | bado | el | los | las |
    un | una | unos | de | del | en | mi | por | favor | que | es | para | al | y | con | lo | hay | o |
    os | as | um | uma | do | da | dos | no | meu | minha | pra | em | e | tem | mais | sobre | le | les |
    du | des | une | mon | ma | mes | svp | au | aux | d | l | pour | sur | est | il | y | vous | avez |
    en | ka | ki | ke | hai | kya | mein | ko | mujhe | se | karo | kar | ji | ye | wala | hain | kitne |
    kitna | है | क्या | की | का | में";

pub(super) struct Extracted {
    date: Option<(usize, usize)>,
    time: Option<(usize, usize)>,
    quantity: Option<(usize, i64)>,
}

/// Finds day, time and number by their places in the message.
pub(super) fn extract(tokens: &[Token], said: &[&str]) -> Extracted {
    let date = day(said);
    let time = clock(said, date);
    let taken = |at: usize| {
        [date, time]
            .into_iter()
            .flatten()
            .any(|(from, to)| (from..to).contains(&at))
    };
    let quantity = tokens
        .iter()
        .zip(said)
        .enumerate()
        .filter(|(at, _)| !taken(*at))
        .find_map(|(at, (token, word))| {
            let digits = token
                .folded
                .parse::<i64>()
                .ok()
                .filter(|count| (1..=999).contains(count));
            let named = NUMBERS
                .iter()
                .find(|(name, count)| name == word && *count > 0)
                .map(|(_, count)| *count);
            Some((at, digits.or(named)?))
        });
    Extracted { date, time, quantity }
}

fn day(said: &[&str]) -> Option<(usize, usize)> {
    let phrase = (0..said.len()).find_map(|at| {
        DAY_PHRASES
            .iter()
            .filter(|phrase| said.get(at..).is_some_and(|rest| rest.starts_with(phrase)))
            .map(|phrase| (at, at + phrase.len()))
            .max_by_key(|(_, to)| *to)
    });
    phrase
        .or_else(|| {
            said.iter()
                .position(|word| is_in(DAY_WORDS, word))
                .map(|at| (at, at + 1))
        })
        .or_else(|| {
            // "the 12th", "on 3rd"
            said.iter()
                .position(|word| {
                    let digits = word.trim_end_matches(|c: char| c.is_ascii_lowercase());
                    let ending = word.get(digits.len()..).unwrap_or_default();
                    digits.parse::<u8>().is_ok_and(|day| (1..=31).contains(&day))
                        && matches!(ending, "st" | "nd" | "rd" | "th")
                })
                .map(|at| (at, at + 1))
        })
}

fn clock(said: &[&str], date: Option<(usize, usize)>) -> Option<(usize, usize)> {
    let free = |at: usize| !date.is_some_and(|(from, to)| (from..to).contains(&at));
    (0..said.len()).filter(|at| free(*at)).find_map(|at| {
        let word = *said.get(at)?;
        let next = said.get(at + 1).copied().unwrap_or_default();
        let numeric = |text: &str| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= 2
        };
        let attached = ["am", "pm", "h", "hrs"].iter().any(|end| {
            word.strip_suffix(end)
                .is_some_and(|digits| digits.starts_with(|c: char| c.is_ascii_digit()) && digits.len() <= 5)
        }) || word
            .split_once(':')
            .is_some_and(|(hour, rest)| numeric(hour) && rest.len() >= 2)
            || word
                .split_once('h')
                .is_some_and(|(hour, minutes)| numeric(hour) && numeric(minutes));
        if attached {
            return Some((at, at + 1));
        }
        if numeric(word) && matches!(next, "am" | "pm" | "oclock" | "baje" | "heures" | "horas") {
            return Some((at, at + 2));
        }
        if word == "saa" && NUMBERS.iter().any(|(name, _)| *name == next) {
            let more = said.get(at + 2).is_some_and(|word| is_in(TIME_WORDS, word));
            return Some((at, at + if more { 3 } else { 2 }));
        }
        is_in(TIME_WORDS, word).then_some((at, at + 1))
    })
}

impl Extracted {
    /// Whether the message names a day or a time.
    pub fn has_when(&self) -> bool {
        self.date.is_some() || self.time.is_some()
    }

    pub fn into_slots(
        self,
        tokens: &[Token],
        intent: Intent,
        covered: &[usize],
        service: Option<&[usize]>,
    ) -> Slots {
        let mut slots = Slots::new();
        let written = |from: usize, to: usize| {
            let words = tokens.get(from..to).unwrap_or_default();
            words
                .iter()
                .map(|token| token.written.as_str())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let mut put = |name: &str, value: String| {
            if !value.is_empty() {
                slots.insert(
                    name.to_owned(),
                    SlotValue::Text(value.chars().take(200).collect()),
                );
            }
        };
        let books = matches!(
            intent,
            Intent::BookAppointment
                | Intent::RescheduleAppointment
                | Intent::CancelAppointment
                | Intent::CheckAvailability
        );
        if books {
            if let Some((from, to)) = self.date {
                put("date", written(from, to));
            }
            if let Some((from, to)) = self.time {
                put("time", written(from, to));
            }
        }
        let in_range = |at: usize, range: Option<(usize, usize)>| {
            range.is_some_and(|(from, to)| (from..to).contains(&at))
        };
        let counts = matches!(
            intent,
            Intent::AddToCart | Intent::PriceCheck | Intent::StockCheck
        );
        let counted = |at: usize| counts && self.quantity.is_some_and(|(place, _)| place == at);
        let names_item = |at: usize, token: &Token| {
            !covered.contains(&at)
                && !in_range(at, self.date)
                && !in_range(at, self.time)
                && !counted(at)
                && !is_in(FILLERS, &token.folded)
        };
        let about_service = books || matches!(intent, Intent::BrowseServices | Intent::ServiceDetails);
        if let (Some([first, .., last] | [first @ last]), true) =
            (service, about_service || intent == Intent::PriceCheck)
        {
            put("service_query", written(*first, last + 1));
        } else if about_service
            || matches!(
                intent,
                Intent::BrowseProducts
                    | Intent::ProductDetails
                    | Intent::PriceCheck
                    | Intent::StockCheck
                    | Intent::AddToCart
            )
        {
            let left: Vec<usize> = tokens
                .iter()
                .enumerate()
                .filter(|(at, token)| names_item(*at, token))
                .map(|(at, _)| at)
                .collect();
            let name = match (left.first(), left.last()) {
                // Fillers between two words of a name belong to it: "cup of tea".
                (Some(first), Some(last)) if last - first < 8 => {
                    let inner = (*first..=*last).filter(|at| {
                        !covered.contains(at)
                            && !counted(*at)
                            && !in_range(*at, self.date)
                            && !in_range(*at, self.time)
                    });
                    inner
                        .filter_map(|at| tokens.get(at))
                        .map(|token| token.written.as_str())
                        .collect::<Vec<_>>()
                        .join(" ")
                }
                _ => left
                    .iter()
                    .filter_map(|at| tokens.get(*at))
                    .take(8)
                    .map(|token| token.written.as_str())
                    .collect::<Vec<_>>()
                    .join(" "),
            };
            put(
                if about_service {
                    "service_query"
                } else {
                    "product_query"
                },
                name,
            );
        }
        if let (Some((_, count)), true) = (self.quantity, counts) {
            slots.insert("quantity".to_owned(), SlotValue::Integer(count));
        }
        slots
    }
}
