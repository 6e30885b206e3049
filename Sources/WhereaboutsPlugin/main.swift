internal import Whereabouts

PluginProcess.run()
