"""Files in and out: finding what is meant, deciding where results go, writing them whole or not at all."""
