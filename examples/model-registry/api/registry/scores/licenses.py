"""Licenses: which one it is, what it allows, and which go together.

Identifiers are SPDX's where it has one, else Hugging Face's. Texts are recognised by sentences
that only they have. What is not in the table is unknown, and unknown goes with nothing.
"""

from __future__ import annotations

import re2

PUBLIC, PERMISSIVE, PATENT, WEAK, GPL2, GPL2_LATER, GPL3, NETWORK = range(8)
RESTRICTED, NON_COMMERCIAL, NO_DERIVATIVES, CLOSED = range(8, 12)

# By lower-case identifier: what kind of license it is.
KINDS = {
    **dict.fromkeys(("cc0-1.0", "unlicense", "0bsd", "pddl", "pddl-1.0", "wtfpl"), PUBLIC),
    **dict.fromkeys(
        (
            "mit", "mit-0", "bsd", "bsd-2-clause", "bsd-3-clause", "bsd-3-clause-clear", "isc",
            "zlib", "bsl-1.0", "python-2.0", "psf-2.0", "ncsa", "postgresql", "cc-by-2.0",
            "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "odc-by", "odc-by-1.0", "blueoak-1.0.0",
            "cdla-permissive-1.0", "cdla-permissive-2.0", "hpnd", "x11",
        ),
        PERMISSIVE,
    ),
    **dict.fromkeys(("apache-2.0", "ms-pl", "ecl-2.0", "afl-3.0", "artistic-2.0"), PATENT),
    **dict.fromkeys(
        (
            "lgpl", "lgpl-2.1", "lgpl-2.1-only", "lgpl-2.1-or-later", "lgpl-3.0", "lgpl-3.0-only",
            "lgpl-3.0-or-later", "lgpl-lr", "mpl-2.0", "epl-1.0", "epl-2.0", "cddl-1.0", "eupl-1.1",
            "eupl-1.2", "cc-by-sa-3.0", "cc-by-sa-4.0", "odbl", "odbl-1.0", "cdla-sharing-1.0",
        ),
        WEAK,
    ),
    **dict.fromkeys(("gpl-2.0", "gpl-2.0-only"), GPL2),
    **dict.fromkeys(("gpl", "gpl-2.0-or-later"), GPL2_LATER),
    **dict.fromkeys(("gpl-3.0", "gpl-3.0-only", "gpl-3.0-or-later"), GPL3),
    **dict.fromkeys(("agpl-3.0", "agpl-3.0-only", "agpl-3.0-or-later", "sspl-1.0"), NETWORK),
    **dict.fromkeys(
        (
            "openrail", "openrail++", "creativeml-openrail-m", "bigscience-openrail-m",
            "bigscience-bloom-rail-1.0", "bigcode-openrail-m", "llama2", "llama3", "llama3.1",
            "llama3.2", "llama3.3", "llama4", "gemma", "deepfloyd-if-license",
        ),
        RESTRICTED,
    ),
    **dict.fromkeys(
        (
            "cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0",
            "cc-by-nc-sa-4.0", "fair-noncommercial-research-license", "intel-research",
            "apple-amlr", "h-research", "c-uda",
        ),
        NON_COMMERCIAL,
    ),
    **dict.fromkeys(
        ("cc-by-nd-4.0", "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0"), NO_DERIVATIVES
    ),
    "proprietary": CLOSED,
}  # fmt: skip

# How freely a team may build on it, from 0 to 1.
FREEDOM = {
    PUBLIC: 1.0,
    PERMISSIVE: 1.0,
    PATENT: 1.0,
    WEAK: 0.8,
    GPL2: 0.5,
    GPL2_LATER: 0.5,
    GPL3: 0.5,
    NETWORK: 0.3,
    RESTRICTED: 0.4,
    NON_COMMERCIAL: 0.1,
    NO_DERIVATIVES: 0.0,
    CLOSED: 0.0,
}

# Sentences by which a text is recognised, all of them needed; the more particular of two that begin
# alike comes first.
TEXTS = (
    ("agpl-3.0", ("gnu affero general public license", "version 3, 19 november 2007")),
    ("lgpl-3.0", ("gnu lesser general public license", "version 3, 29 june 2007")),
    ("lgpl-2.1", ("gnu lesser general public license", "version 2.1, february 1999")),
    ("gpl-3.0", ("gnu general public license", "version 3, 29 june 2007")),
    ("gpl-2.0", ("gnu general public license", "version 2, june 1991")),
    ("apache-2.0", ("apache license", "version 2.0, january 2004")),
    ("mpl-2.0", ("mozilla public license", "version 2.0")),
    ("epl-2.0", ("eclipse public license - v 2.0",)),
    ("cc-by-nc-nd-4.0", ("attribution-noncommercial-noderivatives 4.0 international",)),
    ("cc-by-nc-sa-4.0", ("attribution-noncommercial-sharealike 4.0 international",)),
    ("cc-by-nc-4.0", ("attribution-noncommercial 4.0 international",)),
    ("cc-by-nd-4.0", ("attribution-noderivatives 4.0 international",)),
    ("cc-by-sa-4.0", ("attribution-sharealike 4.0 international",)),
    ("cc-by-4.0", ("attribution 4.0 international",)),
    ("cc0-1.0", ("cc0 1.0 universal",)),
    ("unlicense", ("this is free and unencumbered software released into the public domain",)),
    ("openrail", ("responsible ai license",)),
    ("bsl-1.0", ("boost software license - version 1.0",)),
    (
        "mit",
        (
            "permission is hereby granted, free of charge, to any person obtaining a copy",
            "the above copyright notice and this permission notice",
        ),
    ),
    (
        "isc",
        ("permission to use, copy, modify, and/or distribute this software for any purpose",
         "provided that the above copyright notice and this permission notice appear"),
    ),
    (
        "bsd-3-clause",
        ("redistribution and use in source and binary forms", "endorse or promote products"),
    ),
    (
        "bsd-2-clause",
        ("redistribution and use in source and binary forms", "redistributions in binary form"),
    ),
)  # fmt: skip
_SPACE = re2.compile(r"\s+")


def normal(identifier: str | None) -> str | None:
    """Return a license's identifier as the table has it, or None where it is not known."""
    if identifier is None:
        return None
    plain = identifier.strip().lower().replace(" ", "-").removesuffix("+")
    plain = {"apache": "apache-2.0", "apache2": "apache-2.0", "gpl-2.0+": "gpl-2.0-or-later"}.get(
        plain, plain
    )
    return plain if plain in KINDS else None


def recognise(text: str) -> str | None:
    """Return the license that a text is, or None; of several in one text, the first.

    Texts name each other (GPL-3.0 ends with advice about the LGPL), but each begins with itself.
    """
    plain = _SPACE.sub(" ", text[:60_000].lower().replace("“", '"').replace("”", '"'))
    found = [
        (max(plain.index(sentence) for sentence in sentences), identifier)
        for identifier, sentences in TEXTS
        if all(sentence in plain for sentence in sentences)
    ]
    if not found:
        return None
    first = min(found)[1]
    return _REFINED[first] if (_REFINED.get(first) in [row[1] for row in found]) else first


# A license that is another one and a clause more.
_REFINED = {"bsd-2-clause": "bsd-3-clause"}


def license_score(identifier: str | None) -> float | None:
    """Return how freely a team may build on it: ``FREEDOM`` of its kind; None if unknown."""
    known = normal(identifier)
    return None if known is None else FREEDOM[KINDS[known]]


def compatible(model: str | None, project: str | None) -> bool:
    """Say whether a project may fine-tune a model and ship the inference with its own code.

    Both licenses must be known. The model must allow derivatives, for any purpose: no
    non-commercial, closed or no-derivatives one does. The project must be free to ship. Then:
    use restrictions travel with a model, and no GPL or AGPL lets such be added (GPL-3.0 section
    7); Apache-2.0's patent terms and GPL-3.0 stand against GPL-2.0-only; a copyleft model (GPL,
    AGPL) asks that the whole be under it or under what it may become. LGPL, MPL and share-alike
    models stay under their own license inside a project of any.
    """
    known_model, known_project = normal(model), normal(project)
    if known_model is None or known_project is None:
        return False
    one, other = KINDS[known_model], KINDS[known_project]
    if one in (NON_COMMERCIAL, NO_DERIVATIVES, CLOSED):
        return False
    if other in (NON_COMMERCIAL, NO_DERIVATIVES, CLOSED):
        return False
    copyleft = (GPL2, GPL2_LATER, GPL3, NETWORK)
    if one == RESTRICTED:
        return other not in copyleft
    if one in copyleft:
        return other in _MAY_HOLD[one]
    return not (one == PATENT and other == GPL2)


# A model under the key may be part of a project under any of these.
_MAY_HOLD = {
    GPL2: (GPL2, GPL2_LATER),
    GPL2_LATER: (GPL2, GPL2_LATER, GPL3, NETWORK),
    GPL3: (GPL3, GPL2_LATER, NETWORK),
    NETWORK: (NETWORK,),
}
