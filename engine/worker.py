"""The tick: finds due jobs and deadlines, and runs them; any number of such processes is safe."""
