"""The image's side of a painting: layers are read, and paintings are placed and remembered.

The words for a painting, in the order in which it is made:

target       the layer to paint, and the earlier painting that the new one replaces, if there is one (subjects)
subject      a target as it was when its painting began: its pixels, place, mode and colour space (subjects)
layer pixels the pixels to be painted, with selection and detail map; the subject's, or smaller (layer_pixels)
style        what the layer is painted like (styles)
result       what the engine made of the layer pixels (impasto_plugin.painting)
painting     a result at the subject's size, with all that is needed to place it (placing)
record       how a painting was made; it stays on the painting's layer (records)
"""
