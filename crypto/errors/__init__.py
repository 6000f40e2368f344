"""Every way in which the keeper, or a seal, says no.

Each refusal has one stable `code`, which travels over the wire; `detail` may name ids,
numbers and limits, never a field's content, a code typed in, or key material.

One module per matter: keeper, people, lists, records, statements, uploads, over base;
`crypto.errors.codes` finds the class of a code again.
"""
