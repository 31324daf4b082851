"""Makes the kiosk's sources cost as little heap as they can before they are compiled.

The heap of an ESP32 holds names, functions, classes, tables and modules, and hardly any of it is needed for
what the program says. So the sources stay readable, and on the way into the image
    what nothing uses is left out,
    numbers and short texts are put where their names stand,
    names become words that the interpreter has in ROM already, two that never meet the same one,
    statements share lines, and lines without code are left out,
    long texts are in one place, pairs of their letters as one byte,
    modules that stay are joined to a few; those imported inside a function stay apart, to be forgotten again.
What was called how and stood where is in the manifest.
"""
