"""Where the root of an epoch lives. It wraps every other key; without it nothing opens.

A kind of root makes one root per epoch, hands it to the keystore while it lives, and
destroys it for good. `KIND` goes into every certificate, because how final a destruction is
depends on it: a root in a file can have been copied.
"""
