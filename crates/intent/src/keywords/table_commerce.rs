//! Cue phrases about products, prices, stock, the cart and paying.

use domain::intents::Intent::{
    AddToCart, BrowseProducts, CheckoutLink, PriceCheck, ProductDetails, StockCheck,
};

use super::Row;

pub(super) const ROWS: &[Row] = &[
    (
        PriceCheck,
        12,
        "
        how much | price | prices | pricing | cost | costs | what does * cost | more than ksh |
        is * more than | hw much | discount on | discounts on | discount for | any discount | best price |
        last price | cheapest | negotiable | expensive | charge for | do you charge | charges | rate for |
        rates | quote for | quotation | total cost | can i get the * for | reduce the price |
        for how much | bei | bei gani | shilingi ngapi | ni ngapi | pesa ngapi | gharama | ni how much |
        price ya | unauza * ngapi | inaenda aje | inaenda ngapi | nipunguzie | punguza | kwa shilingi |
        sh ngapi | inauzwa | inacost | ni thao | ni bob | cuanto cuesta | cuanto vale | cuanto es |
        cuanto por | a cuanto | precio | precios | descuento en | lo dejas en | cuanto sale |
        cuanto cobran | quanto e | quanto custa | quanto fica | quanto ta | qual o valor | preco |
        precos | desconto em | faz por | quanto sai | quanto voces cobram | valor de | valor da |
        valor do | combien | prix | a combien | ca fait combien | reduction sur | tarif | tarifs | coute |
        kitne ka | kitne ki | kitne ke | kitna hai | daam | rate kya | price kya | दाम | कितने का |
        किनते का | कीमत",
    ),
    (
        StockCheck,
        10,
        "
        in stock | out of stock | still have | still available | still got | any left | left in |
        got any | have you got | how many * left | how many * remaining | remaining | restock% |
        back in stock | any stock | stock of | sold out | still get | has * arrived | when will you have |
        in size | in another colour | in another color | in a different | when is * coming | bado mko |
        bado uko | bado ipo | bado iko | bado zipo | zimebaki | imebaki | mmebakiwa | iliisha | imeisha |
        zimeisha | inapatikana | itapatikana | zinapatikana | stoki | mtarestock | nitapata |
        saizi kubwa | rangi nyeusi | todavia hay | se agoto | esta disponible | disponible |
        cuantos * quedan | quedan | queda | en talla | lo tienen en | ainda tem | tem * disponivel |
        disponivel | sobrou | acabou | no tamanho | quando chega | na cor | tem * ai | avez vous encore |
        vous avez encore | est disponible | encore disponible | en stock | en rupture | il reste |
        quand arrive | en grande taille | vous l avez en | stock mein | available hai | abhi milega |
        bache hain | kab aayega | उपलब्ध | बचे",
    ),
    (
        StockCheck,
        6,
        "
        available | is there any | are there any | are the * available | is the * available |
        do you have the | do you have it | do you have this | arrived | hai kya | ipo | zipo | hay |
        kuna * rangi | mko na | iko ya | inapatikana",
    ),
    (
        ProductDetails,
        10,
        "
        tell me about | tell me more about | more info | more information | more details | details of |
        details about | details on | describe | a video of | where was * made | description | specs |
        specifications | features of | photos of | pictures of | photo of | picture of | images of |
        send photos | send pictures | what sizes | which sizes | what size | what colours | what colors |
        which colours | which colors | which brand | what brand | made of | what material | material of |
        warranty | guarantee | expiry date | is * original | is * genuine | dimensions | how big |
        weight of | how heavy | suitable for | difference between | how does * work | quality |
        ingredients | come in | how to use | niambie kuhusu | maelezo ya | sifa za | picha za | picha ya |
        saizi gani | rangi gani | ni original | ina warranty | imetengenezwa | inafaa kwa |
        inafanya kazi vipi | ukubwa wa | ni imara | specs za | details za | iko na size | iko na color |
        ni material | mtumba ama | ni quality | ni ya wapi | inashika aje | battery ya | fotos de |
        foto de | que tallas | que colores | de que material | es original | garantia | caracteristicas |
        mas informacion de | mas informacion | como funciona | cuanto pesa | detalles de |
        mais informacoes | detalhes de | quais cores | quais tamanhos | qual o material | qual o peso |
        tem garantia | e original | manda foto | des photos | photos de | quelles couleurs |
        quelles tailles | quelle matiere | a une garantie | c est original | details sur |
        plus d informations | quelle est la marque | comment fonctionne | ke baare mein | photo bhejo |
        kaunse color | original hai | material kya | warranty hai | की फोटो | की जानकारी",
    ),
    (
        BrowseProducts,
        9,
        "
        catalog% | what products | which products | your products | the products | products |
        what do you sell | do you sell | what do you have | what do you stock | show me | show the |
        see your collection | collection | categories | list of products | product list | items below |
        items under | best sellers | bestsellers | new arrivals | whats new | any offers | offers today |
        any deals | any promotions | recommendations | recommend | which * brands | what * do you have |
        what can i get | what can i buy | i am looking for | im looking for | looking for |
        see what you have | price list | pricelist | your menu | see the menu | brands do you |
        gift ideas | browse | bidhaa | nionyeshe | katalogi | orodha | mnauza | mna nini | vitu gani |
        ofa gani | za aina gani | naweza kupata nini | nicheki | kucheki | nataka kuona | cheki mko |
        design gani | unauza * gani | menu iko | list ya vitu | mko nazo | naeza pata nini |
        naeza get gani | uko na * gani | stuff zenu | kuna ofa | productos | catalogo | que venden |
        que hay de nuevo | busco | opciones de | ofertas hoy | tienen ofertas | que puedo comprar |
        el menu | muestrame | que * tienen | produtos | o que voces vendem | novidades |
        estou procurando | ver opcoes | cardapio | me mostra | promocao hoje | que * voces tem |
        o que da pra comprar | o que posso comprar | vos produits | quels produits | des articles |
        le catalogue | le menu | quoi de neuf | je cherche | des modeles | montrez moi |
        promotions aujourd hui | que puis je acheter | quels * avez vous | dikhao | kya kya bechte |
        naya kya | kaun se | mein kya milega | सामान",
    ),
    (
        BrowseProducts,
        6,
        "
        do you have | do you have any | have any | i want to see | can i see | show | je mna | mna |
        tienen | tem | avez vous | uko na | vous avez",
    ),
    (
        AddToCart,
        10,
        "
        add | to my cart | to cart | in my cart | to my order | in my basket | to my basket | to my bag |
        i will take | ill take | i am taking | im taking | ill have | i want to buy | want to buy |
        like to buy | want to purchase | like to purchase | want to order | like to order |
        place an order | i am buying | order for | get me | deliver * to me | let me have the |
        put * in my | give me | reserve the | i want * pieces | pack for me | buy | purchase | order |
        nunua | kununua | niwekee | uniwekee | nichukulie | nachukua | nitachukua | naagiza | kuagiza |
        ongeza | weka * kwenye | kwenye kikapu | nipe | nipee | nibebee | kubuy | kuorder | leta |
        kwa order yangu | nipatie | quiero comprar | quiero pedir | quisiera ordenar | al carrito |
        agrega | anade | a mi pedido | dame | ponme | me llevo | comprar | pedir | ordenar |
        quero comprar | quero pedir | no carrinho | adiciona | coloca | vou levar | me ve | separa |
        poe mais | quero | je veux acheter | j aimerais commander | commander | je commande | mettez moi |
        au panier | ajoute | ajoutez | je prends | donnez moi | a ma commande | acheter | kharidna |
        order karna | cart mein | add karo | de do | lunga | chahiye | खरीदना",
    ),
    (
        AddToCart,
        5,
        "
        i want | i need | i would like | nataka | naomba | quiero | je veux | ^ one | ^ two | ^ three |
        please send | mujhe",
    ),
    (
        CheckoutLink,
        12,
        "
        pay | payment | checkout | check out | invoice | my total | paybill | till number | stk push |
        complete my order | finish my order | finalize | finalise | confirm my order | buy now |
        the bill | send the money | payment link | accept paypal | accept card | accept mpesa | by card |
        pay now | proceed | kulipa | kulipia | nilipe | nalipa | malipo | lipa | ankara | paybill yenu |
        namba ya till | kumaliza ununuzi | kamilisha oda | mnapokea kadi | jumla yangu | tuma stk |
        nitumie till | nimalize order | natuma doo | tuma doo | pochi | pagar | pago | link de pago |
        aceptan tarjeta | aceptan | transferencia | deposito | finalizar pedido | terminar mi compra |
        pagamento | chave pix | pix | aceita cartao | fechar a conta | qual o total | fechar o pedido |
        finalizar | payer | paiement | lien de paiement | acceptez | valider le panier |
        terminer ma commande | je paie | total a payer | payment ka | pay karna | upi | total kitna |
        order complete | पेमेंट",
    ),
];
