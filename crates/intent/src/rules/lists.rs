//! Whole messages that are commands, answers or courtesies, as [`crate::words::fold`] leaves them: no accents, no
//! punctuation. Languages: en, es, pt, fr, sw, Sheng, some Hindi in Latin letters.

pub(super) const NUMBER_LEADS: &[&str] = &["no", "number", "num", "nr", "n", "option", "opcion", "opcao", "namba", "nambari", "numero", "the", "item"];

/// Names of the numbers from one on.
pub(super) const NUMBERS: &[&[&str]] = &[
    &["one", "first", "moja", "uno", "primero", "um", "primeiro", "un", "premier", "1st", "1️⃣"],
    &["two", "second", "mbili", "dos", "segundo", "dois", "deux", "2nd"],
    &["three", "third", "tatu", "tres", "tercero", "terceiro", "trois", "3rd"],
    &["four", "fourth", "nne", "cuatro", "quatro", "quatre", "4th"],
    &["five", "fifth", "tano", "cinco", "cinq", "5th"],
    &["six", "sixth", "sita", "seis", "6th"],
    &["seven", "seventh", "saba", "siete", "sete", "sept", "7th"],
    &["eight", "eighth", "nane", "ocho", "oito", "huit", "8th"],
    &["nine", "ninth", "tisa", "nueve", "nove", "neuf", "9th"],
    &["ten", "tenth", "kumi", "diez", "dez", "dix", "10th"],
];

pub(super) const YES: &[&str] = &[
    "yes", "yes please", "yes pls", "yeah", "yep", "yup", "y", "i agree", "agree", "agreed", "si", "si por favor", "claro",
    "acepto", "sim", "sim por favor", "aceito", "oui", "oui svp", "j accepte", "ndio", "ndiyo", "nakubali", "eeh ndio",
    "haan", "ha ji", "haan ji",
];

pub(super) const NO: &[&str] = &[
    "no", "nope", "nah", "n", "no thanks", "no thank you", "not now", "no gracias", "nao", "nao obrigado",
    "nao obrigada", "non", "non merci", "hapana", "la", "hapana asante", "sitaki", "nahi", "nahin",
];

pub(super) const OK: &[&str] = &[
    "ok", "okay", "okey", "k", "kk", "okk", "ok sure", "sure", "fine", "alright", "all right", "great", "cool", "nice",
    "perfect", "noted", "got it", "good", "sawa", "sawa sawa", "poa", "fiti", "haya", "vale", "de acuerdo", "listo",
    "perfecto", "bueno", "ta bom", "tudo bem", "beleza", "certo", "combinado", "d accord", "entendu", "parfait",
    "tres bien", "theek hai", "thik hai", "accha", "acha ji",
];

pub(super) const THANKS: &[&str] = &[
    "thanks", "thank you", "thank u", "thank you so much", "thank you very much", "thanks a lot", "many thanks", "thx",
    "tnx", "ty", "tysm", "ok thanks", "ok thank you", "okay thanks", "okay thank you", "great thanks", "thanks bye",
    "asante", "asante sana", "asanteni", "ahsante", "shukran", "shukrani", "sawa asante", "ok asante", "nashukuru",
    "gracias", "muchas gracias", "mil gracias", "ok gracias", "obrigado", "obrigada", "muito obrigado",
    "muito obrigada", "valeu", "brigado", "brigada", "merci", "merci beaucoup", "merci bien", "ok merci", "dhanyavaad",
    "dhanyavad", "shukriya", "bye", "goodbye", "bye bye", "kwaheri", "adios", "tchau", "au revoir",
];

pub(super) const PERSON: &[&str] = &[
    "agent", "live agent", "human", "person", "a person", "real person", "operator", "representative", "attendant",
    "talk to a person", "talk to a human", "talk to an agent", "talk to agent", "talk to someone", "speak to a person",
    "speak to a human", "speak to an agent", "speak to someone", "customer care", "customer service", "call me",
    "agente", "persona", "una persona", "humano", "un humano", "asesor", "hablar con una persona",
    "hablar con un agente", "hablar con alguien", "atendente", "pessoa", "uma pessoa", "falar com atendente",
    "falar com um atendente", "falar com uma pessoa", "atendimento humano", "conseiller", "un conseiller", "humain",
    "un humain", "une personne", "parler a un agent", "parler a une personne", "parler a quelqu un", "service client",
    "mtu", "mhudumu", "wakala", "ongea na mtu", "nataka mtu", "nataka kuongea na mtu", "huduma kwa wateja",
];

pub(super) const MENU: &[&str] = &[
    "menu", "main menu", "the menu", "show menu", "back to menu", "options", "el menu", "menu principal", "opciones",
    "o menu", "opcoes", "le menu", "menyu", "orodha",
];

pub(super) const BOT: &[&str] = &["bot", "back to bot", "back to the bot", "use the bot", "volver al bot", "voltar ao bot", "retour au bot", "rudi kwa bot"];

/// Plain insults at whoever reads. Swearing about things is not here.
pub(super) const ABUSE: &[&str] = &[
    "fuck you", "fuck off", "fuck u", "you idiot", "you idiots", "you are idiots", "you are an idiot", "stupid bot",
    "useless bot", "you are stupid", "you are useless", "you bastard", "bastards", "asshole", "assholes", "son of a bitch",
    "go to hell", "piece of shit", "hijo de puta", "hijos de puta", "pendejo", "pendejos", "vete a la mierda",
    "filho da puta", "vai se foder", "vai tomar no cu", "fils de pute", "va te faire foutre", "connard", "connards",
    "mjinga wewe", "wewe mjinga", "wajinga nyinyi", "pumbavu", "mavi ya kuku", "madarchod", "bhenchod",
];
