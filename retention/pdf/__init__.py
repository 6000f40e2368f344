"""The certificate on paper: a PDF for people beside the signed JSON, which stays the original.

    typesetting   facts -> PDF/A-3u: Japanese, then English; the JSON attached; the same bytes
                  for the same facts, from the fonts in here and from no other
    signing       PAdES (pyHanko); the keeper signs the digest and never sees the file
    cms, hole     the one spelling that the signature has, and the place where it lies
    timestamps    RFC 3161, put beside the signature afterwards, verified before
    checking      the entrustor's offline check, against pinned certificates
    issuing       the worker's step: what is owed a PDF gets one

Trusted with nothing: whoever typesets could print something else than the original says, so
what counts is the original, which every check reads first.
"""
