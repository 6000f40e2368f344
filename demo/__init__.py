"""The demonstration: a fictional world, seeded through the real verbs, and its own sign-in.

It is not part of the product: the wheel has none of it (tested), and only `make run` and
`make demo` start it. Everything it knows about people (what a callee would say, passwords,
second factors, signing keys) lies in `<home>/demo`, visibly, and nowhere in the product.

Every name is fictional and every number cannot be dialled (090-0…, 070-0…, 03-0…).

Decisions
- The clock is shifted so that the world begins on a Tuesday at 10:00 in Japan, and a later
  run goes on at the following Tuesday: calling hours never make it dead (`demo.clock`).
- Signing keys of the entrustors and of the centre are made here and used here. In earnest
  each lies on its owner's machine and signs with `calllist approve`.
- The demonstration sign-in (`/demo`) does what a person with password and authenticator
  does: it opens no door that the product does not have.
"""
