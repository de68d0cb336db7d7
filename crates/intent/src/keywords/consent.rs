//! Stopping and starting in people's own words. Stopping is believed easily, agreeing only without any refusal.

use std::sync::LazyLock;

use domain::intents::Intent;

use super::cues::{Cue, cues, is_in, phrases};

/// Words and phrases that refuse, whatever they refuse.
const REFUSAL: &str = "
    stop | stop% | unsubscribe% | dont | do not | no more | never | remove | take me off | delete |
    opt out | optout | cease | quit | block | disable | exclude | cancel | not interested | without |
    not want | turn off | mute | leave me alone | no * please | ^ no | not promos | not ads | not offers |
    spam% | tired of | enough | sitaki | sihitaji | acha | acheni | wacha | wachana | achana | niache |
    niacheni | niondoe | niondolee | niondoeni | ondoa | ondoeni | jiondoe | nitoe | nitoeni | toa |
    zima | zuia | sitisha | simamisha | komesha | futa | msini% | usini% | usitu% | msitu% |
    msiwasiliane | usiwasiliane | zinabore | zimezidi | yamezidi | hapana | simama | no quiero | no me |
    no envi% | no mas | dejen | deja | deje | quita% | quiten | elimina% | borra% | basta | parar |
    paren | alto | cancela% | desuscri% | sin | baja | nada de | nao | parem | para de | pare | tira |
    tirem | remove | remova | removam | sair | sem | chega | descadastr% | bloque% | ne | n | pas |
    plus de | arret% | desabonn% | retirez | supprim% | cessez | stop | non | sans | assez | mat | band |
    nahi | nahin | hatao | मत | बंद | नहीं | हटाओ | रोको";

/// Offers and everything like them.
const OFFERS: &str = "
    promo% | offer | offers | ad | ads | advert% | marketing | deals | discounts | discount alerts |
    campaign% | newsletter% | special offers | sales messages | commercials | ofa | matangazo | tangazo |
    punguzo | mapunguzo | promosheni | discount | oferta% | publicidad | anuncio% | descuento% |
    propaganda% | desconto% | novidades | pub | pubs | publicite% | offres | offre | soldes | reduction% |
    ऑफर | प्रमोशन | विज्ञापन";

/// Messages of any kind, and the whole of the relation.
const MESSAGES: &str = "
    message% | messag% | msgs | texting | texts | text | sms | contact% | communication% | notification% |
    updates | everything | subscription | me alone | all | my number | my data | me completely |
    from your list | from the list | mailing list | writing | writing me | ujumbe | jumbe | meseji |
    mawasiliano | msiwasiliane | usiwasiliane | kunitumia | kunitext | kutuma | kunitumia | namba yangu |
    nambari yangu | kila kitu | na mimi | niache | niacheni | jiondoe | msinitext | usinitext |
    msinitumie | usinitumie | kabisa | mensaje% | escribirme | contact% | mi numero | todo | lista |
    mensagem | mensagens | numero | tudo | contatem | da lista | messages | ecrire | ecrivez |
    mon numero | tout | desabonn% | contactez | sab | संदेश | सब | मैसेज";

/// Phrases that ask for offers. Only these, with an offer word and without refusal, are an opt-in.
const WANTS: &str = "
    send me | i want | i would like | want to receive | receive | notify me | alert me | inform me |
    tell me about your | let me know | subscribe | sign me up | add me | include me | keep me |
    keep sending | opt in | interested in | put me | enroll me | enable | activate | join | tell me when |
    alert me | yes | happy to | update me | share your | nataka | nitumie | nituieni | nitumieni |
    naomba | niweke | niandikishe | nakubali | nijulishe | niunganishe | niambie | niadd | nisubscribe |
    nishow | ndiyo | ndio | napenda | quiero | enviame | mandame | avisame | avisenme | acepto |
    suscribeme | ponme | me interesan | recibir | quero | aceito | me avisa | manda | mande | me manda |
    me inscreve | me coloca | receber | je veux | j accepte | envoyez moi | abonnez moi | ajoutez moi |
    prevenez moi | tenez moi | inscrivez moi | recevoir | bhejo | chahiye | dena | batana | भेजिए | भेजो |
    चाहिए";

/// What a customer who looks for bargains now says: offers to look at, not to be sent.
const LOOKS_NOW: &str = "
    do you have | have any | are there | is there | any offer% | what offer% | which offer% | today |
    this week | hoy | hoje | leo gani | gani | tienen | tem | avez vous | aujourd hui | kuna | mna |
    discount on | discounts on | discount for | show me | price%";

const START: &str = "
    start | restart | resume% | unstop | undo | activate | reactivate% | enable | re enable |
    opt back in | resubscribe | subscribe again | turn * back on | turn on | back on | bring back |
    sending * again | start * again | message me again | text me again | contact me again |
    messages again | write to me again | begin sending | unblock | back in | anza | anzisha | endelea |
    rudisha | nirudishe | fungua | washa | ujumbe tena | messages * tena | kunitext tena | start tena |
    iniciar | empezar | comenzar | reanudar | reactivar | volver a | otra vez | de nuevo | comecar |
    iniciar | voltar a | reativar | novamente | de novo | retomar | commencer | recommencez | reprendre |
    reprenez | reactiver | a nouveau | de nouveau | phir se | dobara | wapas chalu | shuru | chalu |
    फिर से | शुरू";

/// What may be started again in words of its own.
const START_OBJECT: &str = "
    message% | messages | updates | notification% | communication% | subscription | everything | text% |
    me | contact% | all | alerts | service | ujumbe | tena | yote | messages | list | mensaje% |
    escribirme | mensagem | mensagens | message | ecrire | envoyer | sab | message | karo | करो | संदेश";

/// A start word that is the whole message.
const START_ALONE: &str = "
    start | restart | resume | unstop | undo stop | start again | start all | subscribe again | anza |
    anzisha tena | start tena | nirudishe | empezar | iniciar | comecar | commencer | reprendre |
    reactivate | subscribe | unblock";

/// A stop word that is the whole message, besides those of `domain::consent`.
const STOP_ALONE: &str = "
    stop | stop all | stop it | stop now | please stop | stop please | unsubscribe | unsubscribe me |
    opt out | opt me out | optout | quit | end | end all | remove me | leave me alone | stop everything |
    stop stop | stop everything now | acha | acheni | simama | sitisha | komesha | niache | niacheni |
    jiondoe | wachana na mimi | nitoe kabisa | niondoe | nitoe | alto | parar | pare | baja | sair |
    sair da lista | arreter | arretez | stop tout | desabonnez moi | dar de baja | darme de baja |
    band karo | sab band karo | बंद करो";

struct Tables {
    refusal: Vec<Cue<()>>,
    offers: Vec<Cue<()>>,
    messages: Vec<Cue<()>>,
    wants: Vec<Cue<()>>,
    looks_now: Vec<Cue<()>>,
    start: Vec<Cue<()>>,
    start_object: Vec<Cue<()>>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    refusal: cues(REFUSAL, 1, ()),
    offers: cues(OFFERS, 1, ()),
    messages: cues(MESSAGES, 1, ()),
    wants: cues(WANTS, 1, ()),
    looks_now: cues(LOOKS_NOW, 1, ()),
    start: cues(START, 1, ()),
    start_object: cues(START_OBJECT, 1, ()),
});

fn any(cues: &[Cue<()>], said: &[&str]) -> bool {
    cues.iter().any(|cue| cue.find(said).is_some())
}

/// The single words of these tables, for the speller.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    [REFUSAL, OFFERS, MESSAGES, WANTS, START]
        .into_iter()
        .flat_map(phrases)
        .filter(|phrase| !phrase.contains([' ', '%', '^', '*']))
}

/// Whether anything in the message refuses. "Undo stop" and "I stopped by accident" do not.
pub(super) fn refuses(said: &[&str]) -> bool {
    let undone = ["undo stop", "by accident", "unstop", "by mistake"]
        .iter()
        .any(|phrase| said.join(" ").contains(phrase));
    any(&TABLES.refusal, said) && !undone
}

/// The consent that a message is about, if it plainly is about one.
pub(super) fn read(said: &[&str]) -> Option<Intent> {
    let whole = said.join(" ");
    let trimmed = whole
        .trim_end_matches(" please")
        .trim_end_matches(" pls")
        .trim_end_matches(" asap")
        .trim_start_matches("please ");
    if is_in(STOP_ALONE, trimmed) {
        return Some(Intent::StopAll);
    }
    if is_in(START_ALONE, trimmed) {
        return Some(Intent::StartAll);
    }
    let refused = refuses(said);
    let offers = any(&TABLES.offers, said);
    if refused {
        return match (offers, any(&TABLES.messages, said)) {
            (true, _) if !asks_for_a_bargain(said) => Some(Intent::OptOutPromotions),
            (false, true) if is_about_contact(said) => Some(Intent::StopAll),
            _ => None,
        };
    }
    if any(&TABLES.start, said) && any(&TABLES.start_object, said) && is_about_contact(said) {
        return Some(Intent::StartAll);
    }
    let opt_in_words = trimmed == "opt in" || trimmed == "opt me in";
    if opt_in_words || (offers && any(&TABLES.wants, said) && !any(&TABLES.looks_now, said)) {
        return Some(Intent::OptInPromotions);
    }
    None
}

/// "Don't you have a discount on this?" refuses nothing.
fn asks_for_a_bargain(said: &[&str]) -> bool {
    let whole = said.join(" ");
    [
        "do you have",
        "dont you have",
        "any discount",
        "no discount",
        "discount on",
        "discount for",
        "hakuna punguzo",
        "punguzo gani",
    ]
    .iter()
    .any(|phrase| whole.contains(phrase))
}

/// Words such as "all" or "remove" alone are not about messages: "remove the kettle", "cancel all". Something about
/// writing, contact or being on a list has to be there.
fn is_about_contact(said: &[&str]) -> bool {
    const CONTACT: &str = "
        message% | messag% | msgs | texting | text | texts | sms | contact% | communicat% |
        notification% | updates | subscri% | unsubscri% | me alone | my number | my data | me completely |
        your list | the list | mailing list | opt out | opt back in | everything | account | me * from |
        ujumbe | jumbe | meseji | mawasiliano | kunitumia | kunitext | kutuma | namba | nambari |
        kila kitu | na mimi | kabisa | msini% | usini% | msiwasiliane | usiwasiliane | tena | list |
        mensaje% | escrib% | mi numero | lista | contact% | todo | mensagem | mensagens | meu numero |
        contat% | ecri% | numero | desabonn% | tout | m ecrire | sab | संदेश | मैसेज | फिर से";
    static CUES: LazyLock<Vec<Cue<()>>> = LazyLock::new(|| cues(CONTACT, 1, ()));
    any(&CUES, said)
}
