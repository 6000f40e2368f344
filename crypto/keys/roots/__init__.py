"""Where the root of an epoch lives. It wraps every other key; without it nothing opens.

A kind of root makes one root per epoch, unlocks it while it lives and destroys it for good.
The keystore gets a handle that wraps and unwraps: no byte of a root passes through it. Its
*assurance* goes into every certificate, because how final a destruction is depends on it:

    file                             the file can have been copied
    software-token                   a token in software; its folder can have been copied
    hsm: maker model serial          hardware that does not hand a root out, says its maker

    crypto.keys.roots.file                32 bytes in a file: the embedded default
    crypto.keys.roots.pkcs11              an object in a PKCS#11 token

Both are kinds of root; choice is the one setting, address how a token is named in it. Beside
them token, with the keys that sign in there (signing, p256); softhsm waits for the disk.
"""
