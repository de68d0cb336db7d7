//! Cue phrases about services and bookings.

use domain::intents::Intent::{
    BookAppointment, BrowseServices, CancelAppointment, CheckAvailability, RescheduleAppointment,
    ServiceDetails,
};

use super::Row;

/// Services that small businesses sell by appointment.
pub(super) const SERVICES: &str = "
    haircut | hair cut | braids | braiding | dreads | dreadlocks | cornrows | shave | shaving | barber |
    manicure | pedicure | nails | nail | massage | facial | waxing | makeup | make up | spa | tattoo |
    piercing | photoshoot | photo shoot | car wash | carwash | tyre change | oil change | laundry |
    dry cleaning | ac repair | phone repair | repair | dental cleaning | teeth cleaning | eye test |
    checkup | check up | consultation | gym session | personal training | yoga class | lesson | tutoring |
    session | treatment% | haircuts | hair colour | hair color | kunyoa | kunyoa fade | kusuka | masaji |
    mapambo | kupaka kucha rangi | kusafisha meno | kuosha gari | kufua nguo | kupima macho |
    kupiga picha | fundi | daktari | saluni | corte | corte de pelo | manicura | masaje | maquillaje |
    consulta | limpieza dental | lavado de auto | tinte | peinado | depilacion | unha | unhas | massagem |
    maquiagem | limpeza de pele | lavagem do carro | hidratacao | sobrancelha | coupe | tresses |
    manucure | maquillage | soin du visage | lavage auto | coiffure | mehndi | malish";

pub(super) const ROWS: &[Row] = &[
    (
        BrowseServices,
        9,
        "
        services | service list | services list | list of services | which services | what services |
        services do you | treatments do you have | packages do you | do you offer |
        what do you specialise in | what do you specialize in | what can you do for me | huduma gani |
        huduma zipi | huduma | services gani | mnado nini | servicios | servicos | tratamientos |
        tratamentos | prestations | quels services | services proposez | aap log kya kya karte | सेवाएं |
        सेवा",
    ),
    (
        BrowseServices,
        7,
        "
        do you do | do you fix | do you repair | what else do you do | any * packages | packages |
        what are my options | types of * do you do | styles of | mnafanya | huwa mnafanya |
        mnafanya kazi gani | mnatoa | vifurushi | package gani | inafanya nini | style gani | hacen |
        ofrecen | paquetes de | que mas hacen | voces fazem | oferecem | tem pacote |
        tipos de * voces fazem | vous proposez | vous faites | forfaits | que faites vous | karte ho",
    ),
    (
        ServiceDetails,
        9,
        "
        how long does | how long is | how long will | duration of | what does the * include |
        what is included | whats included | included in the | is * painful | does * hurt |
        how many sessions | how often should i | safe for pregnant | who does the | who will do |
        what products do you use | about the * service | how is the * done | what happens during |
        come with for | prepare for | what to expect | does * include | how many hours | aftercare |
        inachukua muda | inachukua time | inakaa muda | ni masaa ngapi | ni dakika ngapi |
        inajumuisha nini | kina nini | iko na nini | nani anafanya | ina maumivu | inauma |
        inafanywa aje | mnatumia bidhaa gani | kuhusu huduma | nahitaji kuja na nini | cuanto dura |
        cuanto tiempo | que incluye | duele | quien hace | que productos usan | sobre el servicio |
        como es | quanto tempo | quanto dura | esta incluso | o que inclui | quem faz | doi |
        como e feita | como e feito | que produto usam | sobre o servico | o pacote de |
        combien de temps | que comprend | fait mal | qui fait | comment se passe | la prestation |
        le forfait | quels produits pour | kitna time lagta | mein kya hota | package mein kya |
        kaise hota | कैसे होता",
    ),
    (
        CheckAvailability,
        9,
        "
        availab% for | have availability | any slot% | available slot% | next available | what times |
        which times | what time are you free | are you free | fully booked | are you booked |
        anyone available | is there space | any space | any opening% | free slot% | time slots |
        have time | how soon can | what hours | kuna space | tienen disponibilidad | des disponibilites |
        are you available | still open on | have a slot | have space | kuna nafasi | nafasi ipo |
        mna nafasi | kuna muda | mtakuwa na nafasi | mko free | uko free | mko available | iko free |
        mko wazi | time gani iko free | slot iko | mko full | yupo | hay lugar | cita disponible |
        que horarios | tienen espacio | estan libres | hay turno | atienden | tem vaga | tem horario |
        quais horarios | horarios disponiveis | tem disponibilidade | esta livre | tem espaco |
        voces atendem | de la place | quels creneaux | y a t il un creneau | etes vous disponible |
        etes vous libre | est la | slot milega | time milega | khali hai | free ho | baithenge |
        समय मिलेगा",
    ),
    (
        CheckAvailability,
        6,
        "
        can i come | could i come | is * free | is * open | slots | free on | available | availability |
        naweza kuja | naeza kuja | ako | slot ya * iko | puedo ir | posso ir | je peux venir |
        quando tem | lini",
    ),
    (
        BookAppointment,
        9,
        "
        book | booking for | book me | make an appointment | need an appointment | want an appointment |
        an appointment for | appointment for | make a reservation | sign me up for | schedule a |
        schedule an | schedule me | fix an appointment | set an appointment | set up an appointment |
        reserve a | reserve me | put me down for | pencil me | weka miadi | kuweka miadi |
        niwekee nafasi | panga miadi | naomba nafasi | naomba appointment | kubook | nibook |
        niekee slot | nipangie | nataka slot | kumuona daktari | weka appointment | nataka kuja | niekee |
        agendar | agendame | reservar | reserva un turno | quiero un turno | necesito una cita |
        una cita | apuntame | un turno para | quero marcar | marca pra mim | marcar | quero agendar |
        agenda | reserva um | me encaixar | quero fazer | reserver | reservez | un rendez vous |
        rendez vous aujourd hui | prendre rendez vous | un creneau | je veux un creneau | un rdv |
        inscrivez moi pour | prenez moi | appointment chahiye | appointment lena | slot book | book karo |
        book kar | बुक",
    ),
    (
        BookAppointment,
        4,
        "
        appointment | i want to come for | come in for | miadi | rdv | cita | horario",
    ),
    (
        RescheduleAppointment,
        11,
        "
        reschedul% | postpone | move my | push my | change my appointment | change my booking |
        change the time | change the date | change appointment | change time | switch my | shift my |
        another day | another time | instead of | different day | different time | bring forward |
        cannot make it * can | cant make it * can | ahirisha | kuahirisha | sogeza | nisogezee |
        badilisha nafasi | badilisha appointment | badilisha miadi | tubadilishe | siku nyingine |
        badala ya | siwezi make | shift appointment | tufanye * sio | reprogramar | posponer | mover mi |
        cambiar mi cita | cambiar la | cambiar el turno | pasar mi | otro dia | aplazar | remarcar |
        reagendar | adiar | mudar meu | mudar minha | mudar para | passar minha | passar meu |
        trocar o dia | trocar o horario | reporter | reprogrammer | deplacer | repousser | avancer mon |
        changer l heure | changer la date | au lieu de | decaler | shift kar | time badal |
        appointment aage | samay badal | समय बदलना",
    ),
    (
        CancelAppointment,
        11,
        "
        cancel my | cancel the | cancel appointment | cancel booking | cancel it | cancel | call off |
        scrap the | release my slot | remove my booking | delete my booking | wont come | will not come |
        no longer coming | no longer need the | not coming | wont make it | cant come | cannot come |
        wont be able to come | drop my appointment | futa miadi | futa booking | futa slot | futa nafasi |
        mfute nafasi | ondoa miadi | ghairi | kughairi | naghairi | sitakuja | sitaweza kuja | sikuji |
        siwezi kuja | siatkam | achana na appointment | toa appointment | sihitaji tena | sitakam |
        cancelar | cancela | anular | elimina mi reserva | ya no necesito | no puedo ir | no voy a poder |
        desmarca | desmarcar | nao preciso mais | nao vou poder ir | nao posso ir | cancelamento |
        annuler | annulez | annulation | supprimez mon rdv | supprimez mon rendez vous | ne viendrai pas |
        ne peux pas venir | n ai plus besoin | cancel kar | nahi aa paunga | cancel karo | कैंसिल",
    ),
];
