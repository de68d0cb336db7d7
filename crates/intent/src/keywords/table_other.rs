//! Cue phrases for a person, for greetings, and for everything the bot must leave alone.

use domain::intents::Intent::{Greeting, HumanHandoff, Other};

use super::Row;

pub(super) const ROWS: &[Row] = &[
    (
        HumanHandoff,
        12,
        "
        talk to a | talk to an | talk to the | talk to someone | talk to somebody | talk to agent |
        talk to human | want a person | need a person | want somebody | need somebody | want an agent |
        need an agent | want someone to | get me a person | talk with a | speak to | speak with | chat with a person | real person |
        live agent | human agent | human being | a human | customer care | customer service |
        customer support | connect me | transfer me | call me | can you call | give me a call | an agent |
        a representative | your manager | the manager | someone help me | person reply | a complaint |
        complain | not happy with | make a complaint | person to help | kuongea na | kuzungumza na |
        kubonga na | niongee na | niunganishe na mhudumu | niunganishe na wakala |
        niunganishe na customer | nipigie | mnipigie | malalamiko | mhudumu | wakala | mtu wa kunisaidia |
        msaada wa mtu | huduma kwa wateja | unipee agent | nipee agent | nipee mtu | binadamu |
        mwenye duka | bot haielewi | hablar con | pasame con | un agente | un asesor | una persona |
        llamame | servicio al cliente | una queja | un humano | el encargado | falar com | atendente |
        uma pessoa | me liga | reclamacao | atendimento humano | ajuda de alguem | um humano |
        parler a un | parler au | parler a une | un conseiller | appelez moi | service client |
        reclamation | d une personne | parler avec | un humain | baat karao | baat karni | manager ko |
        mujhe call | call karo | बात कराओ",
    ),
    (
        Greeting,
        5,
        "
        ^ hi | ^ hii | ^ hiii | ^ hello | ^ helo | ^ hallo | ^ hey | ^ heyy | ^ yo | ^ greetings |
        good morning | good afternoon | good evening | good day | ^ morning | whats up | ^ sup |
        ^ wassup | how are you | how are u | how is it going | how do you do | ^ habari | habari yako |
        habari za | habari gani | ^ mambo | ^ hujambo | ^ jambo | ^ shikamoo | ^ salaam | ^ salama |
        ^ hodi | u hali gani | za siku nyingi | ^ karibu $ | ^ niaje | ^ sasa $ | ^ sasa msee | ^ xaxa |
        ^ sema | ^ vipi | ^ form ni gani | uko poa | ^ mko poa | ^ oya | mambo vipi | za asubuhi |
        ^ hola | ^ holi | buenos dias | buenas tardes | buenas noches | ^ buenas | que tal | ^ saludos |
        como estas | ^ oi | ^ oie | ^ ola | ^ opa | bom dia | boa tarde | boa noite | ^ e ai | tudo bem |
        como vai | ^ bonjour | ^ bonsoir | ^ salut | ^ coucou | ^ bjr | ^ bsr | bonne journee | ca va |
        comment allez vous | ^ namaste | ^ namaskar | ram ram | kaise ho | ^ नमस्ते | ^ नमस्कार | कैसे हो",
    ),
    // What is asked of a shop and not answered by the bot.
    (
        Other,
        12,
        "
        where is my order | wheres my order | track my order | order status | track | my parcel |
        my package | my delivery | hasnt arrived | has not arrived | not arrived | when will * arrive |
        when will my | refund | money back | wrong item | damaged | broken | return policy | return this |
        exchange this | opening hours | what time do you open | what time do you close |
        when do you open | when do you close | are you open | where are you located | where is your shop |
        where is the shop | your location | your address | located | directions to | do you deliver |
        delivery to | delivery fee | do you ship | shipping | who are you | are you a bot |
        are you human | your name | what is your name | are you real | oda yangu iko wapi |
        order yangu iko wapi | kurudishiwa pesa | delivery ni ngapi | bei ya petroli | mzigo * haijafika |
        haijafika | nirudishie | mnafungua lini | mnafungua saa | mko wapi | duka liko wapi | mpo wapi |
        mnadeliver | mnaleta | bidhaa mbaya | wewe ni nani | wewe ni bot | unaitwa nani |
        donde esta mi pedido | reembolso | donde estan | hacen envios | a que hora | quien eres |
        ubicados | mi paquete | onde esta meu pedido | onde fica | fazem entrega | quem e voce |
        que horas abre | meu pedido nao | ou est ma commande | remboursement | rembourse% | ou etes vous |
        livrez vous | vous livrez | qui es tu | qui etes vous | horaires d ouverture | ou se trouve |
        mera order kahan | paise wapas | delivery karte | shop kahan | dukan kahan",
    ),
    // Instructions to the machine.
    (
        Other,
        14,
        "
        ignore * instructions | ignore your | ignore all | ignore previous | previous instructions |
        system prompt | system message | your prompt | your instructions | you are now | act as |
        pretend to | pretend you | jailbreak | developer mode | admin mode | forget your | forget all |
        forget everything | override | bypass | other customers | with confidence | neno la siri |
        reveal your | password | api key | for free | everything for free | all items are free |
        mark my order as paid | mark as paid | set the price | change the price to | set price |
        confirm payment without | sahau sheria | sahau maagizo | puuza maagizo | kila kitu bure |
        ignora las | ignora tus | la contrasena | todo gratis | ignore as | a senha | tudo de graca |
        ignore les | le mot de passe | tout gratuit | oublie tes | purane instructions | prompt batao |
        sab free",
    ),
    // The rest of life.
    (
        Other,
        10,
        "
        weather | the news | football | match | who won | the score | recipe | a joke | a story |
        sing for me | a poem | an essay | homework | translate | job | jobs | vacancy | vacancies |
        looking for work | hiring | internship | cv | salary | loan | lend me | my bank |
        account balance | bank account | credit card | airtime | bundles | flight | visa | passport |
        hotel | set an alarm | alarm | reminder | remind me | timer | play music | play a song |
        the president | politics | election | pray for | god bless | church | happy birthday |
        merry christmas | happy new year | i love you | marry me | are you single | forward% | share to |
        share this | the internet | wrong number | school fees | exam | bitcoin | crypto | invest |
        lottery | won a prize | click this link | traffic | bus | capital of | meaning of life |
        the time in | what day is | hali ya hewa | mechi | hadithi | weka kengele | natafuta kazi |
        kazi yoyote | mkopo | nakupenda | tutaonana | niimbie | utani | el clima | busco trabajo |
        gano el partido | un chiste | feliz cumpleanos | receta | te amo | el partido | o tempo |
        procuro emprego | ganhou o jogo | uma piada | feliz aniversario | te amo | trabalho | o jogo |
        la meteo | je cherche du travail | gagne le match | une blague | joyeux anniversaire |
        du travail | je t aime | mausam | joke sunao | naukri",
    ),
    // Courtesies, answers without a question.
    (
        Other,
        8,
        "
        thank% | asante% | shukran | gracias | obrigad% | merci | dhanyavaad | धन्यवाद | ठीक है | bye |
        goodbye | good night | kwaheri | adios | tchau | au revoir | lala salama | see you | baadaye |
        not now | maybe later | later | i will let you know | let me think | wait | one moment |
        one minute | a minute | subiri | ngoja | plus tard | un instant | depois eu | acha tu |
        haina noma | ^ yes $ | ^ no $ | ^ ok $ | ^ okay $ | ^ sure $ | ^ sawa $ | ^ poa $ | ^ fiti $ |
        ^ fiti asap $ | ^ haya $ | ^ ndio $ | ^ ndiyo $ | ^ hapana $ | ^ si $ | ^ vale $ | ^ sim $ |
        ^ nao $ | ^ oui $ | ^ non $ | ^ d accord $ | ^ haan $ | ^ nahi $ | ^ theek hai $ | ^ lol $ |
        ^ haha $ | ^ hahaha $ | ^ cool $ | ^ nice $",
    ),
];
