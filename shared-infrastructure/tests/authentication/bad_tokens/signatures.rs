//! Signatures that are not the issuer's, or not of what they stand behind.

use super::{Bad, Forge, bad};
use crate::{keys::encoded, token::Token};

pub(super) fn all(forge: &Forge) -> Vec<Bad> {
    let mut all = vec![];
    let keys =
        [(&forge.rsa, &forge.foreign_rsa), (&forge.ec, &forge.foreign_ec), (&forge.ed, &forge.foreign_ed)];
    for (own, foreign) in keys {
        let token = Token::good(&forge.issuer, own);
        let message = token.message();
        let signature = own.sign(message.as_bytes());
        let id = &own.id;
        let with = |bytes: &[u8]| format!("{message}.{}", encoded(bytes));
        let mut flipped = signature.clone();
        flipped[17] ^= 1;
        let more = [&signature[..], &[0]].concat();
        let other = token.clone().claim("tenant", "globex").message();
        all.extend([
            bad(format!("{id}: somebody else's signature"), token.signed(foreign)),
            bad(format!("{id}: no signature"), format!("{message}.")),
            bad(format!("{id}: a bit flipped"), with(&flipped)),
            bad(format!("{id}: the last byte missing"), with(&signature[..signature.len() - 1])),
            bad(format!("{id}: a byte too many"), with(&more)),
            bad(format!("{id}: zeros"), with(&vec![0; signature.len()])),
            bad(format!("{id}: ones"), with(&vec![0xff; signature.len()])),
            bad(format!("{id}: the signature of another token"), format!("{other}.{}", encoded(&signature))),
            bad(format!("{id}: the public key for a signature"), with(&own.public())),
        ]);
    }
    all
}
