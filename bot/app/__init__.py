"""The composition root: settings become parts, and the parts a running bot. The only place that knows them all."""
