//! What the shop sells, and to whom. Everything follows from an order's number, so that two runs are alike.

use orders_proto::{
    google::r#type::Money,
    orders::v1::{
        Address, Adjustment, AdjustmentKind, AdjustmentScope, Contact, Order, OrderLine, ShippingLine,
    },
};

/// SKU, title, price in hundredths of a euro.
const PRODUCTS: [(&str, &str, i64); 10] = [
    ("TEA-OOLONG-250", "Oolong, 250 g", 1490),
    ("TEA-SENCHA-100", "Sencha, 100 g", 1190),
    ("TEAPOT-CAST-IRON", "Teapot, cast iron, 0.8 l", 6900),
    ("CUP-CELADON", "Cup, celadon", 1850),
    ("KETTLE-GOOSENECK", "Kettle with a gooseneck", 12900),
    ("SCALE-POCKET", "Pocket scale, 0.1 g", 2490),
    ("TIN-SMALL", "Tin, small", 690),
    ("WHISK-BAMBOO", "Whisk, bamboo", 2150),
    ("FILTER-PAPER-100", "Paper filters, 100", 540),
    ("BOOK-TEA-ROADS", "The Tea Roads (book)", 3200),
];

/// A buyer and where they live.
struct Buyer {
    name: &'static str,
    email: &'static str,
    street: &'static str,
    city: &'static str,
    postal_code: &'static str,
    region: &'static str,
    market: Market,
}

/// A currency, how many decimals it has, what a euro is worth in it (in hundredths), and the tax in per cent.
#[derive(Clone, Copy)]
struct Market {
    currency: &'static str,
    decimals: u32,
    per_euro: i64,
    tax: i64,
}

const EURO: Market = Market { currency: "EUR", decimals: 2, per_euro: 100, tax: 19 };
const DOLLAR: Market = Market { currency: "USD", decimals: 2, per_euro: 110, tax: 8 };
const POUND: Market = Market { currency: "GBP", decimals: 2, per_euro: 85, tax: 20 };
const YEN: Market = Market { currency: "JPY", decimals: 0, per_euro: 16_000, tax: 10 };

#[rustfmt::skip]
const BUYERS: [Buyer; 7] = [
    Buyer { name: "Jana Krüger", email: "jana.krueger@example.com", street: "Lindenweg 7", city: "Berlin", postal_code: "10115", region: "DE", market: EURO },
    Buyer { name: "Luc Moreau", email: "luc.moreau@example.com", street: "12 rue des Lilas", city: "Lyon", postal_code: "69003", region: "FR", market: EURO },
    Buyer { name: "Grace Okafor", email: "grace.okafor@example.com", street: "41 Mill Lane", city: "Leeds", postal_code: "LS1 4AP", region: "GB", market: POUND },
    Buyer { name: "Sam Rivera", email: "sam.rivera@example.com", street: "880 Alder Street", city: "Portland", postal_code: "97205", region: "US", market: DOLLAR },
    Buyer { name: "Aiko Tanaka", email: "aiko.tanaka@example.com", street: "2-14 Sakuragi", city: "Yokohama", postal_code: "231-0062", region: "JP", market: YEN },
    Buyer { name: "Marta Nowak", email: "marta.nowak@example.com", street: "Hauptstraße 19", city: "Wien", postal_code: "1070", region: "AT", market: EURO },
    Buyer { name: "Ben Whitaker", email: "ben.whitaker@example.com", street: "5 Harbour Row", city: "Boston", postal_code: "02110", region: "US", market: DOLLAR },
];

/// The draft of order `number`; nothing in it is shipped if it is sold at the counter.
pub(super) fn order(number: u32, tag: &str, at_the_counter: bool) -> Order {
    let at = number as usize;
    let buyer = &BUYERS[at * 3 % BUYERS.len()];
    let market = buyer.market;
    let lines: Vec<OrderLine> = (0..1 + at % 4)
        .map(|line| market.line(at * 7 + line * 3, 1 + (at + line) % 3, !at_the_counter))
        .collect();
    let goods: i64 = (0..lines.len()).map(|line| market.price(at * 7 + line * 3, 1 + (at + line) % 3)).sum();
    let mut order = Order {
        channel: if at_the_counter { "store-12" } else { ["web", "app", "phone"][at % 3] }.to_owned(),
        customer_id: format!("c-{}", 1000 + at * 3 % BUYERS.len()),
        contact: Some(Contact {
            name: buyer.name.to_owned(),
            email: buyer.email.to_owned(),
            phone: String::new(),
        }),
        tags: vec!["demo".to_owned(), tag.to_owned()],
        currency_code: market.currency.to_owned(),
        lines,
        ..Order::default()
    };
    if !at_the_counter {
        order.shipping_address = Some(buyer.address());
        let (method, title, amount) = if at.is_multiple_of(5) {
            ("express", "Express, next day", 1290)
        } else {
            ("standard", "Standard", 490)
        };
        order.shipping_lines.push(ShippingLine {
            method: method.to_owned(),
            title: title.to_owned(),
            amount: Some(market.money(market.local(amount))),
            tax_amount: Some(market.money(market.local(amount) * market.tax / 100)),
        });
    }
    if at.is_multiple_of(4) {
        order.adjustments.push(Adjustment {
            kind: AdjustmentKind::Discount.into(),
            scope: AdjustmentScope::Order.into(),
            amount: Some(market.money((goods / 10).max(1))),
            source_code: "AUTUMN10".to_owned(),
            reason: "A tenth off in autumn".to_owned(),
            ..Adjustment::default()
        });
    }
    if at % 6 == 1 {
        order.tags.push("gift".to_owned());
        order.metadata.insert("gift-card".to_owned(), "Happy birthday!".to_owned());
    }
    order
}

impl Buyer {
    fn address(&self) -> Address {
        Address {
            recipient: self.name.to_owned(),
            address_lines: vec![self.street.to_owned()],
            locality: self.city.to_owned(),
            postal_code: self.postal_code.to_owned(),
            region_code: self.region.to_owned(),
            ..Address::default()
        }
    }
}

impl Market {
    /// Euro cents in this market's minor units.
    fn local(self, euro_cents: i64) -> i64 {
        euro_cents * self.per_euro / if self.decimals == 0 { 10_000 } else { 100 }
    }

    /// The price of some units of a product, in minor units.
    fn price(self, product: usize, quantity: usize) -> i64 {
        self.local(PRODUCTS[product % PRODUCTS.len()].2) * i64::try_from(quantity).unwrap_or(1)
    }

    fn line(self, product: usize, quantity: usize, requires_shipping: bool) -> OrderLine {
        let (sku, title, _) = PRODUCTS[product % PRODUCTS.len()];
        OrderLine {
            sku: sku.to_owned(),
            title: title.to_owned(),
            quantity: i32::try_from(quantity).unwrap_or(1),
            unit_price: Some(self.money(self.price(product, 1))),
            tax_amount: Some(self.money(self.price(product, quantity) * self.tax / 100)),
            requires_shipping: Some(requires_shipping),
            ..OrderLine::default()
        }
    }

    fn money(self, minor: i64) -> Money {
        let unit = 10_i64.pow(self.decimals);
        let nanos = minor % unit * (1_000_000_000 / unit);
        Money {
            currency_code: self.currency.to_owned(),
            units: minor / unit,
            nanos: i32::try_from(nanos).expect("less than one unit"),
        }
    }
}
