"""The engine as a service: a broker that talks to filters, and workers that paint."""
